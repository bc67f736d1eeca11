using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Portal.Features.Health;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.Databases;

/// <summary>Ask and get, on one page. The password passes this class by: see <see cref="IssueScript"/>.</summary>
public sealed partial class Databases : IDisposable
{
    private Actor? _actor;
    private Live<IReadOnlyList<DatabaseRoleAccess>>? _roles;
    private IReadOnlyList<string> _reasons = [];
    private IReadOnlyDictionary<string, string[]> _errors = IssueProblem.NoErrors;
    private Trouble? _trouble;
    private VaultAbsence _vault;
    private bool _vaultIsBack;
    private bool _busy;
    private string? _roleBefore;
    private string _requestKey = NewKey();
    private DotNetObjectReference<Databases>? _self;

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
    private IssueScript Script { get; set; } = null!;

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
        _self?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        var actor = _actor = await Actor.OfAsync(Authentication);
        _self = DotNetObjectReference.Create(this);
        _roles = new(ct => LoadAsync(actor, ct), StateHasChanged, Words, Time);
        _ = _roles.RunAsync();
    }

    // What was wrong with the wish for one role says nothing about another.
    protected override void OnParametersSet()
    {
        if (Role != _roleBefore)
            ForgetTrouble();
        _roleBefore = Role;
    }

    /// <summary>"End now" in the dialog of the script.</summary>
    /// <returns>Null when it is done or on its way, else why not.</returns>
    [JSInvokable]
    public async Task<string?> EndFromDialogAsync(Guid id)
    {
        try
        {
            return (await Credentials.RevokeAsync(_actor!, id, CancellationToken.None)).Complaint;
        }
        catch (Exception exception)
        {
            return Words.Of(exception).Text;
        }
    }

    private async Task<IReadOnlyList<DatabaseRoleAccess>> LoadAsync(Actor actor, CancellationToken cancellationToken)
    {
        var roles = await Roles.ListAsync(actor, cancellationToken);
        _reasons = await Credentials.RecentReasonsAsync(actor, cancellationToken);
        if (_vault.IsBack(Health.Current))
            (_trouble, _vaultIsBack) = (null, true);
        return roles;
    }

    /// <summary>The role in the address, else the first that can be used at once.</summary>
    private DatabaseRoleAccess? Selected(IReadOnlyList<DatabaseRoleAccess> roles) =>
        roles.FirstOrDefault(role => role.Role == Role) ?? roles.FirstOrDefault(role => !role.RequiresApproval) ?? roles[0];

    private void FilterBy(string filter) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("q", filter.Length > 0 ? filter : null), FilterBox.Typed);

    private async Task IssueAsync(DatabaseRoleAccess role, TimeSpan duration)
    {
        if (_busy)
            return;
        ForgetTrouble();
        _busy = true;
        try
        {
            Show(await Script.IssueAsync(role.Role, duration, _requestKey, _self!));
        }
        finally
        {
            _busy = false;
        }
    }

    private void Show(IssueAnswer answer)
    {
        if (answer.Problem is not { IsUnsettled: true })
            _requestKey = NewKey();
        if (answer.Problem is not { } problem)
            return;

        _errors = problem.Errors ?? IssueProblem.NoErrors;
        _trouble = _errors.Count > 0 ? null : problem.InWords();
        _vault = VaultAbsence.After(problem);
    }

    private void ForgetTrouble() => (_errors, _trouble, _vault, _vaultIsBack) = (IssueProblem.NoErrors, null, default, false);

    private static string NewKey() => Guid.CreateVersion7().ToString("N");
}
