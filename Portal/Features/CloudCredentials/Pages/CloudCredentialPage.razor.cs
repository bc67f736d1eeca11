using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.CloudCredentials.Pages;

/// <summary>One cloud credential with all that can be done about it. A sensitive value passes this class by: see <see cref="CloudSecret"/>.</summary>
public sealed partial class CloudCredentialPage : IDisposable
{
    private const string Rotate = "rotate";
    private const string Settings = "settings";

    private static readonly NavigationOptions s_inPlace = new() { ReplaceHistoryEntry = true };

    private Actor? _actor;
    private Live<CloudDetail>? _detail;
    private string? _loaded;
    private CloudCredentialView? _ended;
    private string? _act;
    private int _mostVersions = 10;

    [Parameter]
    public string Team { get; set; } = "";

    [Parameter]
    public string Name { get; set; } = "";

    /// <summary>What is to be done first, from a link: <c>rotate</c>.</summary>
    [SupplyParameterFromQuery(Name = "act")]
    public string? Act { get; set; }

    /// <summary>What was just done.</summary>
    [SupplyParameterFromQuery(Name = "done")]
    public string? Done { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = null!;

    [Inject]
    private CloudTypes Types { get; set; } = null!;

    [Inject]
    private CloudCredentialList Credentials { get; set; } = null!;

    [Inject]
    private TeamCloudCredentials TeamCredentials { get; set; } = null!;

    [Inject]
    private CloudVerification Verification { get; set; } = null!;

    [Inject]
    private CloudEnding Ending { get; set; } = null!;

    [Inject]
    private Browser Browser { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private TroubleWords Words { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    private CloudCredentialView? Shown => _ended is null ? _detail?.Value?.Credential : null;

    private CloudType? Type => Shown is { } shown ? Types.Find(shown.Type) : null;

    public void Dispose() => _detail?.Dispose();

    protected override async Task OnInitializedAsync()
    {
        _actor = await Actor.OfAsync(Authentication);
        Load();
    }

    protected override void OnParametersSet()
    {
        if (_actor is not null && _loaded != $"{Team}/{Name}")
            Load();
    }

    private void Load()
    {
        _detail?.Dispose();
        (_loaded, _ended, _act) = ($"{Team}/{Name}", null, Act is Rotate or Settings ? Act : null);
        var (actor, team, name) = (_actor!, Team, Name);
        var wasThere = false;
        _detail = new(
            async ct =>
            {
                var found = await Credentials.FindAsync(actor, team, name, ct);
                return new(found, found is null ? [] : await Credentials.ListVersionsAsync(actor, team, name, ct) ?? []);
            },
            () =>
            {
                wasThere |= _detail?.Value?.Credential is not null;
                if (_detail is { Trouble: null, Value.Credential: null } && !wasThere)
                    Navigation.NotFound();
                else
                    StateHasChanged();
            },
            Words, Time);
        _ = _detail.RunAsync();
    }

    private void Open(string act)
    {
        _act = act;
        if (Done is not null)
            Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("done", (string?)null), s_inPlace);
    }

    private async Task CloseAsync()
    {
        var act = _act;
        _act = null;
        StateHasChanged();
        // The button is back on the page only now.
        await Task.Yield();
        await Browser.FocusAsync($"change-{act}");
    }

    private async Task SavedAsync(string done)
    {
        _act = null;
        Navigation.NavigateTo($"{CloudAddress.Of(Team, Name)}?done={done}", s_inPlace);
        await _detail!.RefreshAsync();
        await Browser.FocusAsync("content");
        await Browser.ScrollToTopAsync();
    }

    private Task<CloudOutcome?> VerifyAsync() => DoAsync(async () => await Verification.VerifyAsync(_actor!, Team, Name, CancellationToken.None));

    private Task<CloudOutcome?> RestoreAsync(CloudCredentialView credential, int version, bool verify) =>
        DoAsync(async () => await TeamCredentials.RestoreAsync(_actor!, Team, Name, version, credential.Tag, verify, CancellationToken.None));

    private Task<CloudOutcome?> RemoveAsync(int version) => DoAsync(async () => await TeamCredentials.DestroyVersionAsync(_actor!, Team, Name, version, CancellationToken.None));

    private async Task<CloudOutcome?> RevokeAsync()
    {
        var outcome = await DoAsync(async () => await Ending.RevokeAsync(_actor!, Team, Name, Shown?.Id, CancellationToken.None));
        if (outcome is CloudOutcome.Saved(var ended, _))
        {
            _ended = ended;
            StateHasChanged();
            await Browser.ScrollToTopAsync();
        }

        return outcome;
    }

    private async Task<CloudOutcome?> DoAsync(Func<Task<CloudOutcome>> act)
    {
        try
        {
            return await act();
        }
        finally
        {
            await _detail!.RefreshAsync();
        }
    }

    private string DoneWords(CloudCredentialView credential)
    {
        var verified = credential.Check.Standing == CloudStanding.Verified ? " and verified" : "";
        return Done switch
        {
            "registered" => $"It is registered{verified}. It rests in Vault alone.",
            "rotated" => $"Version {credential.Version} is in use{verified}. Once nothing misses the old key, delete it at its cloud.",
            _ => "It is saved.",
        };
    }
}

/// <param name="Credential">Null when it is not there, or not for the one who asks.</param>
/// <param name="Versions">Latest first.</param>
public sealed record CloudDetail(CloudCredentialView? Credential, IReadOnlyList<CloudVersionView> Versions);
