using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Features.Credentials;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.AccessTokens;

/// <summary>The signed-in person's tokens, kept fresh: told by this process, asked slowly for what other replicas did.</summary>
public sealed partial class HeldTokens : IDisposable
{
    private Actor? _actor;
    private Live<IReadOnlyList<AccessTokenView>>? _tokens;
    private IDisposable? _subscription;

    /// <summary>The few that end soonest, and the way to all of them.</summary>
    [Parameter]
    public bool IsSummary { get; set; }

    [Parameter]
    public string? Filter { get; set; }

    [Parameter]
    public EventCallback<string> FilterChanged { get; set; }

    /// <summary>By its name in <see cref="TokenOrder"/>.</summary>
    [Parameter]
    public string? Order { get; set; }

    [Parameter]
    public EventCallback<string> OrderChanged { get; set; }

    /// <summary>After each look at them, also one that failed.</summary>
    [Parameter]
    public EventCallback OnLoaded { get; set; }

    /// <summary>The person revoked one here.</summary>
    [Parameter]
    public EventCallback OnActed { get; set; }

    /// <summary>One like this is wanted instead of it, which is revoked. Without a handler the page of tokens is opened for it.</summary>
    [Parameter]
    public EventCallback<AccessTokenView> OnMakeAgain { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = null!;

    [Inject]
    private OwnAccessTokens AccessTokens { get; set; } = null!;

    [Inject]
    private CredentialChanges Changes { get; set; } = null!;

    [Inject]
    private Browser Browser { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private TroubleWords Words { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    public void Dispose()
    {
        _subscription?.Dispose();
        _tokens?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        var actor = _actor = await Actor.OfAsync(Authentication);
        _tokens = new(ct => AccessTokens.ListAsync(actor, ct), Loaded, Words, Time);
        _subscription = Changes.Subscribe(actor.UserId, () => _ = InvokeAsync(_tokens.RefreshAsync));
        _ = _tokens.RunAsync();
    }

    private void Loaded()
    {
        StateHasChanged();
        _ = OnLoaded.InvokeAsync();
    }

    /// <returns>Null when it is done, else what to tell.</returns>
    private async Task<string?> RevokeAsync(AccessTokenView token)
    {
        try
        {
            // Already gone is what was wanted.
            await AccessTokens.RevokeAsync(_actor!, token.Id, CancellationToken.None);
            return null;
        }
        catch (Exception exception)
        {
            return Words.Of(exception).Line;
        }
        finally
        {
            await _tokens!.RefreshAsync();
            await OnActed.InvokeAsync();
        }
    }

    private async Task MakeAgainAsync(AccessTokenView token)
    {
        if (OnMakeAgain.HasDelegate)
        {
            await OnMakeAgain.InvokeAsync(token);
            return;
        }

        await TokenDraft.KeepAsync(Browser, token);
        Navigation.NavigateTo("/tokens");
    }
}
