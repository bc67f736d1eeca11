using System.Text.Json.Nodes;

namespace Portal.Vault;

/// <summary>
/// Reads and changes Vault for <c>setup-vault</c>: one line a change, a mistake for each path that refuses, nothing written in a dry run.
/// </summary>
internal sealed class SetupChanges(VaultAdmin vault, bool dryRun, TextWriter output)
{
    private readonly List<string> _mistakes = [];
    private int _changes;
    private bool _denied;

    public IReadOnlyList<string> Mistakes => _mistakes;

    public void Mistake(string mistake) => _mistakes.Add(mistake);

    /// <summary>Takes a step; what Vault refuses in it becomes a mistake, so that all are found in one run.</summary>
    /// <exception cref="VaultException">Vault is away or sealed: no further step makes sense.</exception>
    public async Task StepAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (VaultException failure) when (failure.Failure is VaultFailure.Denied)
        {
            _denied = true;
            Mistake($"{failure.Path}: Vault refuses this token here ({failure.Words}). {Needed(failure.Path)}");
        }
        catch (VaultException failure) when (failure.Failure is VaultFailure.Invalid or VaultFailure.Unexpected)
        {
            Mistake($"{failure.Path}: {(failure.Errors.Count > 0 ? failure.Words : failure.Message)}");
        }
    }

    public Task<JsonObject?> ReadAsync(string path, CancellationToken cancellationToken) => vault.ReadAsync(path, cancellationToken);

    public Task<IReadOnlyList<string>> ListAsync(string path, CancellationToken cancellationToken) => vault.ListAsync(path, cancellationToken);

    public Task WriteAsync(string line, string path, JsonObject body, CancellationToken cancellationToken) =>
        ChangeAsync(line, () => vault.WriteAsync(path, body, cancellationToken));

    public Task DeleteAsync(string line, string path, CancellationToken cancellationToken) =>
        ChangeAsync(line, () => vault.DeleteAsync(path, cancellationToken));

    public async Task SumUpAsync(string tokenSource, CancellationToken cancellationToken)
    {
        if (_denied)
        {
            // A token that has ended is refused everywhere, and Vault tells it from a missing permission by nothing else.
            await StepAsync(async () =>
            {
                try
                {
                    await vault.ReadAsync("auth/token/lookup-self", cancellationToken);
                }
                catch (VaultException failure) when (failure.Failure is VaultFailure.Denied)
                {
                    Mistake($"The token from {tokenSource} is perhaps not valid any more: Vault refuses it also to look itself up.");
                }
            });
        }
        if (_changes == 0 && _mistakes.Count == 0)
            await output.WriteLineAsync("nothing to change");
        else if (dryRun)
            await output.WriteLineAsync("dry run: nothing was written");
    }

    private async Task ChangeAsync(string line, Func<Task> change)
    {
        if (!dryRun)
            await change();
        _changes++;
        await output.WriteLineAsync(line);
    }

    private static string Needed(string path)
    {
        var sudo = path.StartsWith("sys/auth/", StringComparison.Ordinal) || path.StartsWith("sys/config/auditing/", StringComparison.Ordinal);
        return $"Its policy needs create, read, update{(sudo ? ", sudo" : "")} on \"{path}\".";
    }
}
