using Portal.Features.Credentials;
using Portal.Shell;

namespace Portal.Features.Ssh;

/// <summary>A wish for a certificate that is not made yet, as the browser keeps it: it outlives reconnects and a new sign-in, not the tab.</summary>
public static class SshDraft
{
    public const string Duration = "ssh-duration";

    /// <summary>Those of the role that were chosen last; all when nothing is kept.</summary>
    public static async Task<IReadOnlyList<string>> PrincipalsAsync(Browser browser, SshRoleAccess role) =>
        await browser.DraftAsync(Principals(role)) is { Length: > 0 } kept && role.Principals.Intersect(kept.Split(' ')).ToList() is { Count: > 0 } chosen
            ? chosen
            : role.Principals;

    public static Task KeepPrincipalsAsync(Browser browser, SshRoleAccess role, IEnumerable<string> principals) =>
        browser.KeepDraftAsync(Principals(role), string.Join(' ', principals)).AsTask();

    /// <summary>The reason that a link brought, in the form's field: it may be anything, and is no more than a text that the person sees and changes.</summary>
    public static Task FillReasonAsync(Browser browser, string reason)
    {
        var line = new string([.. reason.Where(letter => !char.IsControl(letter)).Take(IssueRules.LongestReason)]).Trim();
        return browser.FillDraftAsync(Drafts.Reason, line).AsTask();
    }

    private static string Principals(SshRoleAccess role) => $"ssh-principals.{role.Role}";
}
