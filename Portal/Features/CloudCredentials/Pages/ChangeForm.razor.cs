using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Portal.Features.Health;
using Portal.Shell;

namespace Portal.Features.CloudCredentials.Pages;

/// <summary>
/// Changes fields, or tags and end date. It builds on the version that was there when it opened: what others save meanwhile is shown beside what
/// is typed, and overwrites nothing of it.
/// </summary>
public sealed partial class ChangeForm
{
    /// <summary>In the document.</summary>
    public const string Id = "cloud-change";

    private CloudCredentialView _basis = null!;

    // What the person chose to build on since: theirs.
    private CloudCredentialView _accepted = null!;
    private CloudSubmission _submission = null!;

    /// <summary>As it is now.</summary>
    [Parameter, EditorRequired]
    public CloudCredentialView Credential { get; set; } = null!;

    /// <summary>Latest first.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<CloudVersionView> Versions { get; set; } = [];

    /// <summary>Null for one that this portal does not know: its fields cannot be changed.</summary>
    [Parameter]
    public CloudType? Type { get; set; }

    /// <summary>Fields are changed, else tags and end date.</summary>
    [Parameter]
    public bool IsRotation { get; set; }

    /// <summary>The cloud can be asked.</summary>
    [Parameter]
    public bool Verifies { get; set; }

    /// <summary>Told what was done: <c>rotated</c>.</summary>
    [Parameter]
    public EventCallback<string> OnSaved { get; set; }

    /// <summary>Somebody else was faster: it is to be looked at anew.</summary>
    [Parameter]
    public EventCallback OnConflict { get; set; }

    [Parameter]
    public EventCallback OnClose { get; set; }

    [Inject]
    private HealthChecklist Health { get; set; } = null!;

    [Inject]
    private Browser Browser { get; set; } = null!;

    [Inject]
    private IJSRuntime Script { get; set; } = null!;

    private string Cloud => Type?.Title ?? Credential.Type;

    private bool Asks => IsRotation && Verifies;

    private bool IsBehind => Credential.Tag != _accepted.Tag;

    private IReadOnlyList<CloudVersionView> Since => Credential.Id == _accepted.Id ? [.. Versions.Where(version => version.Number > _accepted.Version)] : [];

    private string Act => _submission switch
    {
        { IsBusy: true, IsAsking: true } => $"Asking {Cloud}…",
        { IsBusy: true } => "Saving…",
        _ => !IsRotation ? "Save" : Asks ? "Verify and rotate" : "Rotate",
    };

    protected override void OnInitialized()
    {
        (_basis, _accepted) = (Credential, Credential);
        _submission = new(Id, "It was not changed.", Script);
    }

    // The page looks at it anew by and by.
    protected override void OnParametersSet() => _submission.NoteVault(Health.Current.Status);

    private Task SaveOnTopAsync()
    {
        _accepted = Credential;
        return SendAsync(Asks);
    }

    private async Task SendAsync(bool verify)
    {
        if (await _submission.SendAsync(CloudAddress.Change(Credential.Team, Credential.Name), new { tag = _accepted.Tag, verify }, verify) is { } saved)
        {
            var done = saved.Version == Credential.Version ? "It is as it was: nothing else was typed." : $"Version {saved.Version} of {saved.Name} is saved.";
            await Browser.AnnounceAsync(done);
            await OnSaved.InvokeAsync(IsRotation ? "rotated" : "saved");
        }
        else if (_submission.IsConflict)
        {
            await OnConflict.InvokeAsync();
        }
    }
}
