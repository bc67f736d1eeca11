using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.Credentials;

/// <summary>The signed-in person's credentials, kept fresh: told by this process, asked slowly for what other replicas did.</summary>
public sealed partial class HeldCredentials : IDisposable
{
    private Actor? _actor;
    private Live<IReadOnlyList<CredentialView>>? _held;
    private IDisposable? _subscription;

    /// <summary>Said when there is nothing to list.</summary>
    [Parameter, EditorRequired]
    public string Empty { get; set; } = "";

    /// <summary>Only these; all when none is named.</summary>
    [Parameter]
    public CredentialKind? Kind { get; set; }

    /// <summary>Between the live ones and those that ended lately.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>The person extended or ended one here.</summary>
    [Parameter]
    public EventCallback OnActed { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = null!;

    [Inject]
    private CredentialInventory Inventory { get; set; } = null!;

    [Inject]
    private CredentialChanges Changes { get; set; } = null!;

    [Inject]
    private IEnumerable<CredentialHandling> Handlings { get; set; } = null!;

    [Inject]
    private TroubleWords Words { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    public void Dispose()
    {
        _subscription?.Dispose();
        _held?.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        var actor = _actor = await Actor.OfAsync(Authentication);
        _held = new(ct => Inventory.ListMineAsync(actor, ct), StateHasChanged, Words, Time);
        _subscription = Changes.Subscribe(actor.UserId, () => _ = InvokeAsync(_held.RefreshAsync));
        _ = _held.RunAsync();
    }

    private IReadOnlyList<CredentialView> Of(IReadOnlyList<CredentialView> held) =>
        Kind is { } kind ? [.. held.Where(credential => credential.Kind == kind)] : held;

    private Task<string?> ExtendAsync(CredentialView credential, TimeSpan duration) =>
        ActAsync(credential, async (handling, ct) => (await handling.ExtendAsync(_actor!, credential.Id, duration, ct)).Complaint);

    private Task<string?> EndAsync(CredentialView credential) =>
        ActAsync(credential, async (handling, ct) => (await handling.EndAsync(_actor!, credential.Id, ct)).Complaint);

    /// <returns>Null when it is done, else what to tell.</returns>
    private async Task<string?> ActAsync(CredentialView credential, Func<CredentialHandling, CancellationToken, Task<string?>> act)
    {
        try
        {
            return await act(Handlings.Single(handling => handling.Kind == credential.Kind), CancellationToken.None);
        }
        catch (Exception exception)
        {
            return Words.Of(exception).Line;
        }
        finally
        {
            await _held!.RefreshAsync();
            await OnActed.InvokeAsync();
        }
    }
}
