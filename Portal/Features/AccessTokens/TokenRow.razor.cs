using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Shell;

namespace Portal.Features.AccessTokens;

/// <summary>One live token with what can be done about it; the question opens in the row itself.</summary>
public sealed partial class TokenRow
{
    private RowAct _act = null!;
    private bool _isAsking;

    [Parameter, EditorRequired]
    public AccessTokenView Token { get; set; } = null!;

    /// <summary>Answers null when done, else why not.</summary>
    [Parameter, EditorRequired]
    public Func<Task<string?>> OnRevoke { get; set; } = null!;

    /// <summary>It is revoked, and one like it is wanted.</summary>
    [Parameter]
    public EventCallback OnMakeAgain { get; set; }

    [Inject]
    private Browser Browser { get; set; } = null!;

    private string RevokeId => $"revoke-{Token.Id:N}";

    private string Use => Token.LastUsedOn is not { } day
        ? "never used"
        : $"last used {day.ToString("d MMM yyyy", CultureInfo.InvariantCulture)}{(Token.LastUsedFrom is { Length: > 0 } network ? $" from {network}" : "")}";

    protected override void OnInitialized() => _act = new(Browser);

    private void Ask() => (_isAsking, _act.Complaint) = (!_isAsking, null);

    private async Task CloseAsync()
    {
        _isAsking = false;
        await Browser.FocusAsync(RevokeId);
    }

    private async Task<bool> RevokeAsync()
    {
        if (!await _act.RunAsync(OnRevoke, $"{Token.Name} is revoked."))
            return false;
        _isAsking = false;
        return true;
    }

    private async Task RevokeAndMakeAgainAsync()
    {
        if (await RevokeAsync())
            await OnMakeAgain.InvokeAsync();
    }
}
