using Microsoft.AspNetCore.Components;
using Portal.Shell;

namespace Portal.Features.Credentials;

/// <summary>One live credential with what can be done about it; questions open in the row itself.</summary>
public sealed partial class CredentialRow
{
    private Question? _asking;
    private RowAct _act = null!;

    private enum Question
    {
        Extend,
        End,
    }

    [Parameter, EditorRequired]
    public CredentialView Credential { get; set; } = null!;

    [Parameter, EditorRequired]
    public string Login { get; set; } = "";

    [Parameter, EditorRequired]
    public CredentialHandling Handling { get; set; } = null!;

    /// <summary>Answers null when done, else why not.</summary>
    [Parameter, EditorRequired]
    public Func<TimeSpan, Task<string?>> OnExtend { get; set; } = null!;

    /// <summary>Answers null when done or on its way, else why not.</summary>
    [Parameter, EditorRequired]
    public Func<Task<string?>> OnEnd { get; set; } = null!;

    [Inject]
    private Browser Browser { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    private CredentialWords Words => Handling.Words;

    private bool CanExtend => ExtendQuestion.Choices(Credential, Time.GetUtcNow()).Count > 0;

    protected override void OnInitialized() => _act = new(Browser);

    private string Id(string act) => $"{act}-{Credential.Id:N}";

    private string Expanded(Question question) => _asking == question ? "true" : "false";

    private void Ask(Question question)
    {
        _asking = _asking == question ? null : question;
        _act.Complaint = null;
    }

    private async Task CloseAsync()
    {
        var asked = _asking;
        _asking = null;
        await Browser.FocusAsync(Id(asked == Question.End ? "end" : "extend"));
    }

    private Task<bool> ExtendAsync(TimeSpan duration) => ActAsync(() => OnExtend(duration), $"{Credential.Role} is extended.");

    private Task<bool> EndAsync() => ActAsync(OnEnd, $"{Credential.Role} {Words.Ended}.");

    private async Task EndAndAskAgainAsync()
    {
        if (!await EndAsync())
            return;
        await Browser.KeepDraftAsync(Drafts.Reason, Credential.Reason);
        Navigation.NavigateTo(Handling.AskAgain(Credential));
    }

    private async Task<bool> ActAsync(Func<Task<string?>> act, string done)
    {
        if (!await _act.RunAsync(act, done))
            return false;
        _asking = null;
        return true;
    }
}
