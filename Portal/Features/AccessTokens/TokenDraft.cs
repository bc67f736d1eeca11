using Portal.Shell;

namespace Portal.Features.AccessTokens;

/// <summary>A wish for a token that is not made yet, as the browser keeps it: it outlives reconnects and a new sign-in, not the tab.</summary>
public static class TokenDraft
{
    public const string Name = "token-name";
    public const string Life = "token-life";
    private const string Scopes = "token-scopes";

    /// <summary>Of those there are; none when nothing is kept.</summary>
    public static async Task<IReadOnlyList<string>> ScopesAsync(Browser browser, IEnumerable<ApiScope> known)
    {
        var kept = (await browser.DraftAsync(Scopes) ?? "").Split(' ');
        return [.. known.Select(scope => scope.Name).Intersect(kept)];
    }

    public static Task KeepScopesAsync(Browser browser, IEnumerable<string> scopes) =>
        browser.KeepDraftAsync(Scopes, string.Join(' ', scopes)).AsTask();

    /// <summary>The wish for a token like this one.</summary>
    public static async Task KeepAsync(Browser browser, AccessTokenView token)
    {
        await browser.FillDraftAsync(Name, token.Name);
        await KeepScopesAsync(browser, token.Scopes);
        await browser.KeepDraftAsync(Life, DurationText.Format(LifeOf(token)));
    }

    public static TimeSpan LifeOf(AccessTokenView token) => token.ExpiresAt - token.CreatedAt;
}
