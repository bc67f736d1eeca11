using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.JSInterop;
using Portal.Features.Health;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.CloudCredentials.Pages;

/// <summary>Choose a type, give its fields. No value passes this class: see <see cref="CloudSubmission"/>.</summary>
public sealed partial class NewCloudCredential : IDisposable
{
    private Live<IReadOnlyList<string>>? _teams;
    private CloudSubmission _submission = null!;
    private string? _typeBefore;

    /// <summary>By its name.</summary>
    [SupplyParameterFromQuery(Name = "type")]
    public string? Type { get; set; }

    [SupplyParameterFromQuery(Name = "team")]
    public string? Team { get; set; }

    /// <summary>Of the types.</summary>
    [SupplyParameterFromQuery(Name = "q")]
    public string? Filter { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = null!;

    [Inject]
    private CloudTypes Types { get; set; } = null!;

    [Inject]
    private CloudVerification Verification { get; set; } = null!;

    [Inject]
    private CloudCredentialList Credentials { get; set; } = null!;

    [Inject]
    private HealthChecklist Health { get; set; } = null!;

    [Inject]
    private Browser Browser { get; set; } = null!;

    [Inject]
    private IJSRuntime Script { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private TroubleWords Words { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    private CloudType? Chosen => Type is null ? null : Types.Find(Type);

    public void Dispose() => _teams?.Dispose();

    protected override async Task OnInitializedAsync()
    {
        _submission = new(RegisterForm.Id, "It was not registered.", Script);
        var actor = await Actor.OfAsync(Authentication);
        _teams = new(
            async ct =>
            {
                _submission.NoteVault(Health.Current.Status);
                return (await Credentials.ListAsync(actor, new(Take: 1), ct)).Teams;
            },
            StateHasChanged, Words, Time);
        _ = _teams.RunAsync();
    }

    protected override void OnParametersSet()
    {
        // What was wrong with one type says nothing about another.
        if (Type != _typeBefore)
            _submission.Forget();
        _typeBefore = Type;
    }

    private string TeamOf(IReadOnlyList<string> teams) => Team is { } team && teams.Contains(team) ? team : teams[0];

    private string AddressOf(string? type) => Navigation.GetUriWithQueryParameter("type", type);

    private void FilterBy(string filter) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("q", filter.Length > 0 ? filter : null), FilterBox.Typed);

    private void ChooseTeam(string team) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("team", team), FilterBox.Typed);

    private async Task SendAsync(bool verify)
    {
        var team = TeamOf(_teams!.Value!);
        if (await _submission.SendAsync(CloudAddress.Register(team), new { type = Type, verify }, verify) is not { } saved)
            return;
        await Browser.AnnounceAsync($"{saved.Name} is registered{(verify ? " and verified" : "")}.");
        Navigation.NavigateTo($"{CloudAddress.Of(team, saved.Name)}?done=registered");
    }
}
