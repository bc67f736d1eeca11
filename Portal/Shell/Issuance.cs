using Microsoft.JSInterop;

namespace Portal.Shell;

/// <summary>
/// A form that asks for something secret, past the circuit (wwwroot/js/issue.js): one wish at a time, and what was wrong with the last. Knows
/// id and end of what was issued; the secret passes it by. Belongs to one page and runs on its dispatcher.
/// </summary>
/// <param name="end">Ends what was issued, for the dialog that shows it; answers null when done or on its way, else why not.</param>
public sealed class Issuance(IssueKind kind, Func<Guid, Task<string?>> end, IJSRuntime script, TroubleWords words) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private DotNetObjectReference<Issuance>? _self;
    private string _requestKey = NewKey();
    private bool _failedForVault;
    private bool _seenVaultAway;

    public bool IsBusy { get; private set; }

    /// <summary>By field, what the portal found wrong with the last wish.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; private set; } = IssueProblem.NoErrors;

    /// <summary>What else went wrong with it.</summary>
    public Trouble? Trouble { get; private set; }

    /// <summary>The last wish failed because Vault was away, and Vault is here again.</summary>
    public bool IsVaultBack { get; private set; }

    /// <param name="wish">Goes along with what is typed in the form.</param>
    /// <returns>Whether it was issued.</returns>
    public async Task<bool> AskAsync(object wish)
    {
        if (IsBusy)
            return false;
        Forget();
        IsBusy = true;
        try
        {
            var answer = await IssueAsync(wish);
            Keep(answer);
            return answer.Problem is null;
        }
        finally
        {
            IsBusy = false;
        }
    }

    /// <summary>"End now" in the dialog of the script.</summary>
    /// <returns>Null when it is done or on its way, else why not.</returns>
    [JSInvokable]
    public async Task<string?> EndAsync(Guid id)
    {
        try
        {
            return await end(id);
        }
        catch (Exception exception)
        {
            return words.Of(exception).Text;
        }
    }

    /// <summary>What was wrong before says nothing any more.</summary>
    public void Forget() =>
        (Errors, Trouble, IsVaultBack, _failedForVault, _seenVaultAway) = (IssueProblem.NoErrors, null, false, false, false);

    /// <summary>Whatever became of the last wish, the next is another one.</summary>
    public void Settle()
    {
        Forget();
        _requestKey = NewKey();
    }

    /// <summary>Told what the last health check found: that Vault was away is said no longer once it was seen to go and come back.</summary>
    public void NoteVault(bool isAway)
    {
        if (!_failedForVault)
            return;
        if (isAway)
            _seenVaultAway = true;
        else if (_seenVaultAway)
            (Trouble, IsVaultBack, _failedForVault) = (null, true, false);
    }

    public void Dispose() => _self?.Dispose();

    private async Task<IssueAnswer> IssueAsync(object wish)
    {
        _self ??= DotNetObjectReference.Create(this);
        try
        {
            return await script.InvokeAsync<IssueAnswer>("portal.issue", s_patience, kind.Script, wish, _requestKey, kind.Form, _self);
        }
        catch (Exception exception) when (exception is JSException or OperationCanceledException)
        {
            return new(null, null, new(IssueProblem.UnknownOutcome, null, null, null));
        }
    }

    private void Keep(IssueAnswer answer)
    {
        if (answer.Problem is not { IsUnsettled: true })
            _requestKey = NewKey();
        if (answer.Problem is not { } problem)
            return;
        Errors = problem.Errors ?? IssueProblem.NoErrors;
        Trouble = Errors.Count > 0 ? null : problem.InWords(kind);
        _failedForVault = problem.IsVaultAway;
    }

    private static string NewKey() => Guid.CreateVersion7().ToString("N");
}
