using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Portal.Features.Credentials;
using Portal.Features.Health;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.Databases;

/// <summary>Ask and get, on one page. The password passes this class by: see <see cref="Issuance"/>.</summary>
public sealed partial class Databases : IDisposable
{
    private static readonly IssueKind s_kind = new(
        "databaseLogin", IssueForm.Id, "No credentials were made.", "These were made already.",
        "If the credentials were made, the list below says “never shown”: end them there and ask again.");

    private Live<IReadOnlyList<DatabaseRoleAccess>>? _roles;
    private IReadOnlyList<string> _reasons = [];
    private Issuance _issuance = null!;
    private string? _roleBefore;

    /// <summary>The chosen role.</summary>
    [SupplyParameterFromQuery(Name = "role")]
    public string? Role { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    public string? Filter { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = null!;

    [Inject]
    private GrantedRoles Roles { get; set; } = null!;

    [Inject]
    private DatabaseCredentials Credentials { get; set; } = null!;

    [Inject]
    private CredentialInventory Inventory { get; set; } = null!;

    [Inject]
    private IJSRuntime Script { get; set; } = null!;

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
        var actor = await Actor.OfAsync(Authentication);
        _issuance = new(s_kind, async id => (await Credentials.RevokeAsync(actor, id, CancellationToken.None)).Complaint, Script, Words);
        _roles = new(ct => LoadAsync(actor, ct), StateHasChanged, Words, Time);
        _ = _roles.RunAsync();
    }

    // What was wrong with the wish for one role says nothing about another.
    protected override void OnParametersSet()
    {
        if (Role != _roleBefore)
            _issuance?.Forget();
        _roleBefore = Role;
    }

    private async Task<IReadOnlyList<DatabaseRoleAccess>> LoadAsync(Actor actor, CancellationToken cancellationToken)
    {
        var roles = await Roles.ListAsync(actor, cancellationToken);
        _reasons = await Inventory.RecentReasonsAsync(actor, cancellationToken);
        _issuance.NoteVault(Health.Current.Status == HealthStatus.Broken);
        return roles;
    }

    /// <summary>The role in the address, else the first that can be used at once.</summary>
    private DatabaseRoleAccess? Selected(IReadOnlyList<DatabaseRoleAccess> roles) =>
        roles.FirstOrDefault(role => role.Role == Role) ?? roles.FirstOrDefault(role => !role.RequiresApproval) ?? roles[0];

    private static RoleChoice Choice(DatabaseRoleAccess role) =>
        new(role.Role, $"{DatabaseEngines.Title(role.Engine)} · {role.Database}", role.Allows, role.MaxDuration, role.RequiresApproval);

    private void FilterBy(string filter) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("q", filter.Length > 0 ? filter : null), FilterBox.Typed);

    private Task<bool> IssueAsync(DatabaseRoleAccess role, TimeSpan duration) =>
        _issuance.AskAsync(new { role = role.Role, durationSeconds = (int)duration.TotalSeconds });
}
