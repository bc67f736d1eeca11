using Microsoft.AspNetCore.Components;
using Portal.Shell;

namespace Portal.Features.Ssh;

/// <summary>What the form's .NET half knows of a wish; reason and key go past it.</summary>
public sealed record SshWish(string Role, IReadOnlyList<string> Principals, int DurationSeconds);

/// <summary>As whom, how long, why, and for which key. Which role is given.</summary>
public sealed partial class SshForm
{
    /// <summary>In the document.</summary>
    public const string Id = "ssh-form";


    private DurationChoice? _duration;
    private IReadOnlyList<string> _principals = [];

    [Parameter, EditorRequired]
    public SshRoleAccess Role { get; set; } = null!;

    [Parameter]
    public IReadOnlyList<string> RecentReasons { get; set; } = [];

    [Parameter]
    public bool Busy { get; set; }

    /// <summary>By field, what is wrong.</summary>
    [Parameter]
    public IReadOnlyDictionary<string, string[]> Errors { get; set; } = IssueProblem.NoErrors;

    /// <summary>See <see cref="GitHubKeyList.Load"/>.</summary>
    [Parameter, EditorRequired]
    public Func<Task<IReadOnlyList<GitHubKey>?>> LoadFromGitHub { get; set; } = null!;

    /// <summary>The wish is complete as far as the form can tell; the portal checks it.</summary>
    [Parameter]
    public EventCallback<SshWish> OnIssue { get; set; }

    /// <summary>Between the fields and the button.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    [Inject]
    private Browser Browser { get; set; } = null!;

    // All of them at first: it is what the grant is for, and a link in a runbook is then one click.
    protected override async Task OnInitializedAsync()
    {
        _principals = Role.Principals;
        _principals = await SshDraft.PrincipalsAsync(Browser, Role);
    }

    private string? Error(string field) => Errors.TryGetValue(field, out var messages) && messages.Length > 0 ? messages[0] : null;

    private Task ChooseAsync(string principal, bool isChosen)
    {
        _principals = [.. Role.Principals.Where(one => one == principal ? isChosen : _principals.Contains(one))];
        return SshDraft.KeepPrincipalsAsync(Browser, Role, _principals);
    }

    private async Task SubmitAsync()
    {
        if (_duration!.Read() is { } wanted)
            await OnIssue.InvokeAsync(new(Role.Role, _principals, (int)wanted.TotalSeconds));
    }
}
