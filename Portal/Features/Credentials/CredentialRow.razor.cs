using Microsoft.AspNetCore.Components;
using Portal.Shell;

namespace Portal.Features.Credentials;

/// <summary>One live credential with what can be done about it; questions open in the row itself.</summary>
public sealed partial class CredentialRow
{
    private Question? _asking;
    private bool _busy;
    private string? _says;

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

    private bool CanExtend => ExtendQuestion.Choices(Credential, Time.GetUtcNow()).Count > 0;

    private string Id(string act) => $"{act}-{Credential.Id:N}";

    private string Expanded(Question question) => _asking == question ? "true" : "false";

    private void Ask(Question question)
    {
        _asking = _asking == question ? null : question;
        _says = null;
    }

    private async Task CloseAsync()
    {
        var asked = _asking;
        _asking = null;
        await Browser.FocusAsync(Id(asked == Question.End ? "end" : "extend"));
    }

    private Task ExtendAsync(TimeSpan duration) => ActAsync(() => OnExtend(duration), $"{Credential.Role} is extended.");

    private Task EndAsync() => ActAsync(OnEnd, $"{Credential.Role} is ended.");

    private async Task EndAndAskAgainAsync()
    {
        await EndAsync();
        if (_says is not null)
            return;
        await Browser.KeepDraftAsync(Drafts.Reason, Credential.Reason);
        Navigation.NavigateTo(Handling.AskAgain(Credential));
    }

    private async Task ActAsync(Func<Task<string?>> act, string done)
    {
        if (_busy)
            return;
        (_busy, _says) = (true, null);
        try
        {
            _says = await act();
        }
        finally
        {
            _busy = false;
        }

        if (_says is not null)
            return;
        _asking = null;
        await Browser.AnnounceAsync(done);
        await Browser.FocusAsync("content");
    }
}
