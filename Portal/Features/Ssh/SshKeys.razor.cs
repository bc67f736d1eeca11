using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Features.Credentials;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.Ssh;

/// <summary>The keys that somebody had certificates for, to be revoked, and those that are.</summary>
public sealed partial class SshKeys
{
    private Actor? _actor;
    private Live<KeyOverview>? _keys;
    private IDisposable? _subscription;

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = null!;

    [Inject]
    private RevokedKeys Keys { get; set; } = null!;

    [Inject]
    private CredentialChanges Changes { get; set; } = null!;

    [Inject]
    private TroubleWords Words { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    public void Dispose()
    {
        _subscription?.Dispose();
        _keys?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        var actor = _actor = await Actor.OfAsync(Authentication);
        _keys = new(ct => Keys.LookAsync(actor, ct), StateHasChanged, Words, Time);
        _subscription = Changes.Subscribe(actor.UserId, () => _ = InvokeAsync(_keys.RefreshAsync));
        _ = _keys.RunAsync();
    }

    private Task<string?> RevokeAsync(OwnSshKey key) =>
        ActAsync(async () => (await Keys.RevokeAsync(_actor!, key.Fingerprint, CancellationToken.None)).Complaint);

    private Task<string?> LiftAsync(RevokedSshKey key) =>
        ActAsync(async () => await Keys.LiftAsync(_actor!, key.Id, CancellationToken.None) ? null : "It is lifted already, or you are no portal admin any more.");

    /// <returns>Null when it is done, else what to tell.</returns>
    private async Task<string?> ActAsync(Func<Task<string?>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception exception)
        {
            return Words.Of(exception).Line;
        }
        finally
        {
            await _keys!.RefreshAsync();
        }
    }
}
