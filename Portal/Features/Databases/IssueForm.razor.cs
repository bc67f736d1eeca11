using Microsoft.AspNetCore.Components;
using Portal.Shell;

namespace Portal.Features.Databases;

/// <summary>How long and why. Which role is given; the reason stays in the browser until it is sent.</summary>
public sealed partial class IssueForm
{
    private static readonly TimeSpan[] s_usual = [TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(4), TimeSpan.FromHours(8)];

    private TimeSpan _chosen;
    private bool _isOther;
    private string _other = "";
    private string? _unreadable;

    [Parameter, EditorRequired]
    public DatabaseRoleAccess Role { get; set; } = null!;

    [Parameter]
    public IReadOnlyList<string> RecentReasons { get; set; } = [];

    [Parameter]
    public bool Busy { get; set; }

    /// <summary>By field, what the portal found wrong.</summary>
    [Parameter]
    public IReadOnlyDictionary<string, string[]> Errors { get; set; } = IssueProblem.NoErrors;

    /// <summary>The wish is complete as far as the form can tell; the portal checks it.</summary>
    [Parameter]
    public EventCallback<TimeSpan> OnIssue { get; set; }

    /// <summary>Between the fields and the button.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    [Inject]
    private Browser Browser { get; set; } = null!;

    private IEnumerable<TimeSpan> Choices => s_usual.Where(choice => choice < Role.MaxDuration).Append(Role.MaxDuration);

    protected override async Task OnInitializedAsync()
    {
        _chosen = Choices.LastOrDefault(choice => choice <= TimeSpan.FromHours(1), Role.MaxDuration);
        if (await Browser.DraftAsync(Drafts.Duration) is not { Length: > 0 } draft)
            return;
        if (DurationText.Parse(draft) is { } kept && Choices.Contains(kept))
            _chosen = kept;
        else
            (_isOther, _other) = (true, draft);
    }

    private string? Error(string field) =>
        field == "durationSeconds" && _unreadable is not null ? _unreadable
        : Errors.TryGetValue(field, out var messages) && messages.Length > 0 ? messages[0]
        : null;

    private async Task ChooseAsync(TimeSpan choice)
    {
        (_chosen, _isOther, _unreadable) = (choice, false, null);
        await Browser.KeepDraftAsync(Drafts.Duration, DurationText.Format(choice));
    }

    private Task ChooseOtherAsync()
    {
        _isOther = true;
        return Task.CompletedTask;
    }

    private async Task TypeOtherAsync(string? text)
    {
        (_other, _unreadable) = (text ?? "", null);
        await Browser.KeepDraftAsync(Drafts.Duration, _other);
    }

    private async Task SubmitAsync()
    {
        var duration = _isOther ? DurationText.Parse(_other) : _chosen;
        _unreadable = duration is null ? $"Write a time such as 45 min or 2 h, up to {DurationText.Format(Role.MaxDuration)}." : null;
        if (duration is { } wanted)
            await OnIssue.InvokeAsync(wanted);
    }
}
