using Portal.Shell;

namespace Portal.Features.AccessTokens;

/// <param name="Name">What people look for: <c>curl</c>, <c>.env</c>.</param>
public sealed record TokenExample(string Name, string Text);

/// <summary>A token in the forms that its people paste.</summary>
public static class TokenExamples
{
    /// <param name="token">Letters, digits, dots, dashes and underscores: nothing to escape.</param>
    /// <param name="origin">Of the portal, without a slash at the end.</param>
    public static IReadOnlyList<TokenExample> Of(string token, string origin) =>
    [
        // Typed in when the shell asks, for bash and zsh: neither the shell's history nor the list of processes shows it.
        new("curl", $"printf 'Access token: ' && read -rs PORTAL_TOKEN && echo && curl -fsS '{origin}{ApiRoutes.Root}/me' -H @- <<< \"Authorization: Bearer $PORTAL_TOKEN\""),
        new(".env", $"PORTAL_URL='{origin}'\nPORTAL_TOKEN='{token}'"),
    ];
}
