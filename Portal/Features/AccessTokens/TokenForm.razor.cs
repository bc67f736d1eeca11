using Microsoft.AspNetCore.Components;
using Portal.Shell;

namespace Portal.Features.AccessTokens;

/// <summary>What the form's .NET half knows of a wish; the name goes past it.</summary>
public sealed record TokenWish(IReadOnlyList<string> Scopes, long ExpiresInSeconds);

/// <summary>What a token is for, what it may do and how long it counts. The portal judges it.</summary>
public sealed partial class TokenForm
{
    /// <summary>In the document.</summary>
    public const string Id = "token-form";

    private static readonly TimeSpan[] s_usual = [TimeSpan.FromDays(7), TimeSpan.FromDays(30), TimeSpan.FromDays(60), TimeSpan.FromDays(90)];
    private static readonly string[] s_examples = ["45 days", "12 h"];

    private DurationChoice? _life;
    private IReadOnlyList<string> _scopes = [];

    /// <summary>All there are.</summary>
    [Parameter, EditorRequired]
    public IEnumerable<ApiScope> Scopes { get; set; } = [];

    /// <summary>Longest life.</summary>
    [Parameter, EditorRequired]
    public TimeSpan Longest { get; set; }

    [Parameter]
    public bool Busy { get; set; }

    /// <summary>By field, what the portal found wrong.</summary>
    [Parameter]
    public IReadOnlyDictionary<string, string[]> Errors { get; set; } = IssueProblem.NoErrors;

    [Parameter]
    public EventCallback<TokenWish> OnMake { get; set; }

    /// <summary>Between the fields and the button.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    [Inject]
    private Browser Browser { get; set; } = null!;

    // Where the portal allows less than the longest of the usual ones, what it allows is one of them.
    private IReadOnlyList<TimeSpan> Choices => [.. s_usual.Select(choice => choice < Longest ? choice : Longest).Distinct()];

    private TimeSpan First => Choices.Last(choice => choice <= TimeSpan.FromDays(30) || choice == Choices[0]);

    /// <summary>Fills it with what another token had.</summary>
    public async Task FillAsync(AccessTokenView token)
    {
        await TokenDraft.KeepAsync(Browser, token);
        _scopes = token.Scopes;
        await _life!.ChooseAsync(TokenDraft.LifeOf(token));
        StateHasChanged();
    }

    /// <summary>As it was at first. The name is the script's.</summary>
    public async Task ClearAsync()
    {
        _scopes = [];
        await TokenDraft.KeepScopesAsync(Browser, _scopes);
        await _life!.ClearAsync();
        StateHasChanged();
    }

    public async Task SubmitAsync()
    {
        if (_life!.Read() is { } life)
            await OnMake.InvokeAsync(new(_scopes, (long)life.TotalSeconds));
    }

    protected override async Task OnInitializedAsync() => _scopes = await TokenDraft.ScopesAsync(Browser, Scopes);

    private string? Error(string field) => Errors.TryGetValue(field, out var messages) && messages.Length > 0 ? messages[0] : null;

    private Task ChooseAsync(string scope, bool isChosen)
    {
        _scopes = [.. _scopes.Where(chosen => chosen != scope).Concat(isChosen ? [scope] : [])];
        return TokenDraft.KeepScopesAsync(Browser, _scopes);
    }
}
