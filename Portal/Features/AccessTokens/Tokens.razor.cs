using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.JSInterop;
using Portal.Features.Health;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.AccessTokens;

/// <summary>Make, see and revoke, on one page. A token's text passes this class by: see <see cref="Issuance"/>.</summary>
public sealed partial class Tokens : IDisposable
{
    private static readonly IssueKind s_kind = new(
        "accessToken", TokenForm.Id, "No token was made.", "This token was made already.",
        "If the token was made, the list below says “never shown”: revoke it there and make it again.");

    private Issuance _issuance = null!;
    private TokenForm? _form;

    [SupplyParameterFromQuery(Name = "q")]
    public string? Filter { get; set; }

    /// <summary>By its name in <see cref="TokenOrder"/>.</summary>
    [SupplyParameterFromQuery(Name = "order")]
    public string? Order { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = null!;

    [Inject]
    private OwnAccessTokens AccessTokens { get; set; } = null!;

    [Inject]
    private IEnumerable<ApiScope> Scopes { get; set; } = null!;

    [Inject]
    private IOptions<AccessTokensOptions> Options { get; set; } = null!;

    [Inject]
    private IJSRuntime Script { get; set; } = null!;

    [Inject]
    private HealthChecklist Health { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private TroubleWords Words { get; set; } = null!;

    public void Dispose() => _issuance?.Dispose();

    protected override void OnInitialized() => _issuance = new(s_kind, RevokeAsync, Script, Words);

    private async Task<string?> RevokeAsync(Guid id)
    {
        // Already gone is what was wanted.
        await AccessTokens.RevokeAsync(await Actor.OfAsync(Authentication), id, CancellationToken.None);
        return null;
    }

    private void NoteVault() => _issuance.NoteVault(Health.Current.Status == HealthStatus.Broken);

    private async Task MakeAsync(TokenWish wish)
    {
        // What one token may says nothing about the next.
        if (await _issuance.AskAsync(wish))
            await _form!.ClearAsync();
    }

    private async Task MakeAgainAsync(AccessTokenView token)
    {
        // The wish that made it may still count as unsettled.
        _issuance.Settle();
        await _form!.FillAsync(token);
        await _form.SubmitAsync();
    }

    private void FilterBy(string filter) => Show("q", filter);

    private void OrderBy(string order) => Show("order", order);

    private void Show(string parameter, string value) =>
        Navigation.NavigateTo(Navigation.GetUriWithQueryParameter(parameter, value.Length > 0 ? value : null), FilterBox.Typed);
}
