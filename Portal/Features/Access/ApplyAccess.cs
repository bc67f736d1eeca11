using System.Data.Common;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portal.Shell;
using Portal.Vault;

namespace Portal.Features.Access;

/// <summary>The command <c>apply FILE</c>: reads the file, brings everything to it and says what changed.</summary>
public static class ApplyAccess
{
    private const int Fine = 0;
    private const int Failed = 1;
    private const int Mistaken = 2;
    private const int MostMistakes = 100;

    /// <returns>0 fine, 1 failed, 2 mistakes in the flags or the file.</returns>
    public static async Task<int> RunAsync(
        string[] args, IServiceProvider services, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (args.Contains("--help"))
        {
            await output.WriteLineAsync(ApplyFlags.Usage);
            return Fine;
        }

        var flags = ApplyFlags.Parse(args, services.GetRequiredService<IConfiguration>()["VAULT_TOKEN"], out var flagMistakes);
        if (flags is null)
            return await RefuseAsync(error, flagMistakes);

        var mistakes = new Mistakes();
        var file = await ReadAsync(flags.File, mistakes, cancellationToken);
        if (file is null)
            return await RefuseAsync(error, [.. mistakes.ByLine.Select(mistake => Line(flags.File, mistake))]);

        try
        {
            var vault = services.GetRequiredService<VaultAdmin>();
            if (flags.Token is { } token)
                vault = vault.WithToken(token);
            var run = services.GetRequiredService<AccessRun>();
            var outcome = flags.DryRun
                ? await run.PreviewAsync(file, vault, flags.Prune, cancellationToken)
                : await run.ApplyAsync(file, vault, flags.Prune, cancellationToken);
            await PrintAsync(outcome, flags.File, output, error);
            return outcome.Failures.Count > 0 ? Failed : Fine;
        }
        catch (VaultException exception)
        {
            await error.WriteLineAsync(VaultWords.Of(exception));
        }
        catch (Exception exception) when (exception is DbException or DbUpdateException)
        {
            await error.WriteLineAsync($"The portal's database does not take it: {(exception.InnerException ?? exception).Message}");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await error.WriteLineAsync("Interrupted. What is done stays; run it again for the rest.");
        }

        return Failed;
    }

    private static async Task<AccessFile?> ReadAsync(string path, Mistakes mistakes, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = File.OpenRead(path);
            using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
            var buffer = new char[AccessFileReader.LargestFile + 1];
            var text = new string(buffer, 0, await reader.ReadBlockAsync(buffer, cancellationToken));
            var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
            return AccessFileReader.Read(text, new GivenPasswords(folder, Environment.GetEnvironmentVariable), mistakes);
        }
        catch (DecoderFallbackException)
        {
            mistakes.Add(1, "the file is not UTF-8");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            mistakes.Add(1, $"the file cannot be read: {exception.Message}");
        }

        return null;
    }

    private static async Task PrintAsync(AccessOutcome outcome, string path, TextWriter output, TextWriter error)
    {
        foreach (var change in outcome.Changes)
            await output.WriteLineAsync(change.Line);
        foreach (var note in outcome.Notes)
            await output.WriteLineAsync($"= {note}");
        if (outcome.Changes.Count == 0 && outcome.Failures.Count == 0)
            await output.WriteLineAsync("nothing to change");
        foreach (var failure in outcome.Failures)
            await error.WriteLineAsync(Line(path, failure));
    }

    private static async Task<int> RefuseAsync(TextWriter error, IReadOnlyList<string> mistakes)
    {
        foreach (var mistake in mistakes.Take(MostMistakes))
            await error.WriteLineAsync(mistake);
        if (mistakes.Count > MostMistakes)
            await error.WriteLineAsync($"and {mistakes.Count - MostMistakes} more");
        return Mistaken;
    }

    // The form that editors and terminals make clickable.
    private static string Line(string path, Mistake mistake) => $"{path}:{mistake.Line}: {mistake.Says}";
}
