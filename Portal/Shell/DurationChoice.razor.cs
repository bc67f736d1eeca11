using Microsoft.AspNetCore.Components;

namespace Portal.Shell;

/// <summary>How long something shall last: the usual lives, or another one that is typed. What is chosen outlives a lost connection.</summary>
public sealed partial class DurationChoice
{
    private const string ErrorId = "duration-error";

    private static readonly TimeSpan[] s_hours = [TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(4), TimeSpan.FromHours(8)];

    private TimeSpan _chosen;
    private bool _isOther;
    private string _other = "";
    private string? _unreadable;

    /// <summary>Shortest first; without any, some hours as credentials usually last, up to <see cref="Longest"/>.</summary>
    [Parameter]
    public IReadOnlyList<TimeSpan>? Choices { get; set; }

    /// <summary>The one that is chosen at first; by default an hour, or what comes closest below.</summary>
    [Parameter]
    public TimeSpan? First { get; set; }

    [Parameter, EditorRequired]
    public TimeSpan Longest { get; set; }

    /// <summary>How another one may be written.</summary>
    [Parameter]
    public IReadOnlyList<string> Examples { get; set; } = ["45 min", "2 h"];

    /// <summary>Name of its draft in the browser.</summary>
    [Parameter, EditorRequired]
    public string Draft { get; set; } = "";

    /// <summary>Says when it ends, for lives that are long enough to lose count of.</summary>
    [Parameter]
    public bool ShowsEnd { get; set; }

    /// <summary>What the portal found wrong with it.</summary>
    [Parameter]
    public string? Error { get; set; }

    /// <summary>The hint below.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    [Inject]
    private Browser Browser { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    private IReadOnlyList<TimeSpan> Offered => Choices ?? [.. s_hours.Where(hours => hours < Longest), Longest];

    private TimeSpan ChosenAtFirst => First ?? Offered.LastOrDefault(choice => choice <= TimeSpan.FromHours(1), Longest);

    private string? Problem => _unreadable ?? Error;

    private TimeSpan? Wanted => _isOther ? DurationText.Parse(_other) : _chosen;

    /// <summary>The wish; null when what is typed is no time, which is then said.</summary>
    public TimeSpan? Read()
    {
        var duration = Wanted;
        _unreadable = duration is null ? $"Write a time such as {string.Join(" or ", Examples)}, up to {DurationText.Format(Longest)}." : null;
        StateHasChanged();
        return duration;
    }

    /// <summary>Chooses another one, as if by hand.</summary>
    public async Task ChooseAsync(TimeSpan duration)
    {
        Show(DurationText.Format(duration));
        await Browser.KeepDraftAsync(Draft, DurationText.Format(duration));
        StateHasChanged();
    }

    public async Task ClearAsync()
    {
        (_chosen, _isOther, _other, _unreadable) = (ChosenAtFirst, false, "", null);
        await Browser.KeepDraftAsync(Draft, null);
        StateHasChanged();
    }

    protected override async Task OnInitializedAsync()
    {
        _chosen = ChosenAtFirst;
        if (await Browser.DraftAsync(Draft) is { Length: > 0 } draft)
            Show(draft);
    }

    private void Show(string text)
    {
        _unreadable = null;
        if (DurationText.Parse(text) is { } known && Offered.Contains(known))
            (_chosen, _isOther) = (known, false);
        else
            (_isOther, _other) = (true, text);
    }

    private async Task TypeAsync(string? text)
    {
        (_other, _unreadable) = (text ?? "", null);
        await Browser.KeepDraftAsync(Draft, _other);
    }
}
