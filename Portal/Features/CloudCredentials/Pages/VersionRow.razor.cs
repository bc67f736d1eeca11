using Microsoft.AspNetCore.Components;
using Portal.Shell;

namespace Portal.Features.CloudCredentials.Pages;

/// <summary>One version, with what can be done about an earlier one; the question opens in the row itself.</summary>
public sealed partial class VersionRow
{
    private RowAct? _act;
    private Asked _asked;
    private bool _wasRefused;

    private enum Asked
    {
        Nothing,
        Restore,
        Remove,
    }

    [Parameter, EditorRequired]
    public CloudVersionView Version { get; set; } = null!;

    /// <summary>Null for one that this portal does not know.</summary>
    [Parameter]
    public CloudType? Type { get; set; }

    /// <summary>Title of the type.</summary>
    [Parameter, EditorRequired]
    public string Cloud { get; set; } = "";

    [Parameter]
    public bool MayManage { get; set; }

    /// <summary>The cloud can be asked before a restore.</summary>
    [Parameter]
    public bool Verifies { get; set; }

    /// <summary>Told whether to ask the cloud first.</summary>
    [Parameter, EditorRequired]
    public Func<bool, Task<CloudOutcome?>> OnRestore { get; set; } = null!;

    [Parameter, EditorRequired]
    public Func<Task<CloudOutcome?>> OnRemove { get; set; } = null!;

    [Inject]
    private Browser Browser { get; set; } = null!;

    [Inject]
    private TroubleWords Words { get; set; } = null!;

    private string Act => Version.Act switch
    {
        "" => "saved",
        "settings changed" => "changed",
        _ => Version.Act.Replace("restored from", "restored it from", StringComparison.Ordinal),
    };

    private string Sentence => $"{Version.By} {Act}{(Version.Changed.Count > 0 && Version.Act != "registered" ? $": {CloudWords.Changed(Type, Version.Changed)}" : "")}";

    protected override void OnInitialized() => _act = new(Browser);

    private string Id(Asked asked) => $"version-{Version.Number}-{(asked == Asked.Restore ? "restore" : "remove")}";

    private string Open(Asked asked) => _asked == asked ? "true" : "false";

    private void Ask(Asked asked) => (_asked, _act!.Complaint, _wasRefused) = (_asked == asked ? Asked.Nothing : asked, null, false);

    private async Task CloseAsync()
    {
        var asked = _asked;
        (_asked, _act!.Complaint, _wasRefused) = (Asked.Nothing, null, false);
        await Browser.FocusAsync(Id(asked));
    }

    private Task RestoreAsync()
    {
        var verify = Verifies && !_wasRefused;
        return RunAsync(() => OnRestore(verify), $"Version {Version.Number} is restored{(verify ? " and verified" : "")}.");
    }

    private Task RemoveAsync() => RunAsync(OnRemove, $"Version {Version.Number} is removed.");

    private async Task RunAsync(Func<Task<CloudOutcome?>> act, string done)
    {
        async Task<string?> DoAsync()
        {
            try
            {
                var outcome = await act();
                _wasRefused |= outcome is CloudOutcome.NotVerified;
                return outcome is null ? null : CloudWords.Complaint(outcome);
            }
            catch (Exception exception)
            {
                return Words.Of(exception).Line;
            }
        }

        if (await _act!.RunAsync(DoAsync, done))
            _asked = Asked.Nothing;
    }
}
