using System.Net;
using System.Text.Json;
using Portal.Sandbox.Servers;

namespace Portal.Sandbox;

/// <summary>An access token of each seeded user, for scripts. Made as a person makes one: signed in as that user, and out again.</summary>
public static class AccessTokenFiles
{
    private static readonly string[] s_users = ["alice", "bob", "carol", "dave"];
    private static readonly string[] s_scopes = ["tokens", "databases", "ssh"];
    private static readonly TimeSpan s_life = TimeSpan.FromDays(90);

    public static async Task WriteAsync(SandboxFolder folder, Uri portal, CancellationToken cancellationToken)
    {
        PrivateFile.CreateFolder(folder.Tokens);
        foreach (var login in s_users)
            await PrivateFile.ReplaceAsync(Path.Combine(folder.Tokens, login), await MakeAsync(portal, login, cancellationToken));
    }

    /// <summary>Signs a seeded user in, has the portal make a token with all scopes, and signs out.</summary>
    public static async Task<string> MakeAsync(Uri portal, string login, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var browser = new Browser(_ => http, portal, cancellationToken);
        var authorize = await browser.FollowAsync(await browser.SubmitAsync(await browser.GetAsync("/sign-in"), "Sign in with GitHub"));
        var home = await browser.FollowAsync(await browser.SubmitAsync(authorize, $"value=\"{login}\"", ("user", login)));
        var answer = await browser.PostJsonAsync(
            "/browser/access-tokens",
            new { name = "sandbox", scopes = s_scopes, expiresInSeconds = (long)s_life.TotalSeconds, requestKey = $"{Guid.CreateVersion7():N}" },
            home.Meta("request-verification-token"));
        if (answer.Status != HttpStatusCode.Created)
            throw new InvalidOperationException($"The portal made no access token for {login}: it answered {(int)answer.Status}.");
        using var issued = JsonDocument.Parse(answer.Text);
        var id = issued.RootElement.GetProperty("id").GetGuid();
        await browser.PostJsonAsync($"/browser/access-tokens/{id}/shown", new { }, home.Meta("request-verification-token"));
        await browser.SubmitAsync(home, "sign-out");
        return issued.RootElement.GetProperty("token").GetString()!;
    }
}
