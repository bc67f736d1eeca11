using Microsoft.AspNetCore.Authentication;

namespace Portal.Features.SignIn;

/// <summary>Where a sign-in goes on afterwards: a path of the portal, whatever was asked for.</summary>
public static class ReturnUrl
{
    public const string Home = "/";
    private const int Longest = 2000;
    private static readonly Uri s_portal = new("https://portal.invalid");

    // These answer a sign-in with another one, or are no pages.
    private static readonly PathString[] s_noPages = ["/sign-in", "/sign-out", "/signed-out", "/_blazor", "/_framework", "/browser", "/api"];

    /// <returns>A local path in ASCII, with query and fragment; <c>/</c> when the value is anything else.</returns>
    public static string Local(string? value)
    {
        if (value is not ['/', ..] || value.Length > Longest || value.Contains('\\') || value.Any(char.IsControl) || IsElsewhere(value))
            return Home;
        if (!Uri.TryCreate(s_portal, value, out var url) || url.Host != s_portal.Host || url.Scheme != s_portal.Scheme || !url.IsDefaultPort)
            return Home;
        // Resolving removes dots, which can bring the second slash to the front.
        var local = url.PathAndQuery + url.Fragment;
        return IsElsewhere(local) || s_noPages.Any(page => new PathString(url.AbsolutePath).StartsWithSegments(page)) ? Home : local;
    }

    public static string Of(AuthenticationProperties? properties) => Local(properties?.RedirectUri);

    private static bool IsElsewhere(string path) => path.StartsWith("//", StringComparison.Ordinal);
}
