using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Portal.Features.Credentials;
using Portal.Features.Health;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.Ssh;

/// <summary>Ask and get, on one page. Key and certificate pass this class by: see <see cref="Issuance"/>.</summary>
public sealed partial class Ssh : IDisposable
{
    private static readonly IssueKind s_kind = new(
        "sshCertificate", SshForm.Id, "No certificate was made.", "This certificate was made already.",
        "If the certificate was made, the list below says “never shown”: revoke it there and ask again.");

    private static readonly NavigationOptions s_inPlace = new() { ReplaceHistoryEntry = true };

    private Actor? _actor;
    private Live<IReadOnlyList<SshRoleAccess>>? _roles;
    private IReadOnlyList<string> _reasons = [];
    private Issuance _issuance = null!;
    private string? _roleBefore;

    /// <summary>The chosen role.</summary>
    [SupplyParameterFromQuery(Name = "role")]
    public string? Role { get; set; }

    /// <summary>From a link, such as one in a runbook.</summary>
    [SupplyParameterFromQuery(Name = "reason")]
    public string? Reason { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    public string? Filter { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = null!;

    [Inject]
    private GrantedSshRoles Roles { get; set; } = null!;

    [Inject]
    private SshCertificates Certificates { get; set; } = null!;

    [Inject]
    private GitHubKeys GitHub { get; set; } = null!;

    [Inject]
    private CredentialInventory Inventory { get; set; } = null!;

    [Inject]
    private IJSRuntime Script { get; set; } = null!;

    [Inject]
    private Browser Browser { get; set; } = null!;

    [Inject]
    private HealthChecklist Health { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private TroubleWords Words { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    public void Dispose()
    {
        _roles?.Dispose();
        _issuance?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        var actor = _actor = await Actor.OfAsync(Authentication);
        _issuance = new(s_kind, async id => (await Certificates.RevokeAsync(actor, id, CancellationToken.None)).Complaint, Script, Words);
        _roles = new(ct => LoadAsync(actor, ct), StateHasChanged, Words, Time);
        _ = _roles.RunAsync();
    }

    protected override async Task OnParametersSetAsync()
    {
        // What was wrong with the wish for one role says nothing about another.
        if (Role != _roleBefore)
            _issuance?.Forget();
        _roleBefore = Role;
        if (string.IsNullOrWhiteSpace(Reason))
            return;
        // A draft from then on: a page that is loaded again does not undo what was typed instead.
        await SshDraft.FillReasonAsync(Browser, Reason);
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("reason", (string?)null), s_inPlace);
    }

    private async Task<IReadOnlyList<SshRoleAccess>> LoadAsync(Actor actor, CancellationToken cancellationToken)
    {
        var roles = await Roles.ListAsync(actor, cancellationToken);
        _reasons = await Inventory.RecentReasonsAsync(actor, cancellationToken);
        _issuance.NoteVault(Health.Current.Status == HealthStatus.Broken);
        return roles;
    }

    /// <summary>The role in the address, and no other in its place; without one the first that can be used at once.</summary>
    private SshRoleAccess? Selected(IReadOnlyList<SshRoleAccess> roles) => Role is { Length: > 0 }
        ? roles.FirstOrDefault(role => role.Role == Role)
        : roles.FirstOrDefault(role => !role.RequiresApproval) ?? roles[0];

    private static RoleChoice Choice(SshRoleAccess role) => new(role.Role, role.Hosts, role.Allows, role.MaxDuration, role.RequiresApproval);

    private void FilterBy(string filter) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("q", filter.Length > 0 ? filter : null), FilterBox.Typed);

    private Task<IReadOnlyList<GitHubKey>?> LoadFromGitHubAsync() => GitHub.ListAsync(_actor!, CancellationToken.None);

    private Task<bool> IssueAsync(SshWish wish) => _issuance.AskAsync(wish);
}
