using Portal.Shell;

namespace Portal.Features.Access;

/// <param name="Token">Null: the portal's own admin login.</param>
public sealed record ApplyFlags(string File, string? Token, bool DryRun, bool Prune)
{
    public const string Usage =
        """
        apply FILE brings connections, database roles, adopted teams and grants to what the file says. Settings as for the portal itself.

          --vault-token-file FILE            token to work with; without it VAULT_TOKEN, without that the portal's own admin login
          --dry-run                          say what would change, write nothing
          --prune                            also delete what an earlier file named and this one does not
        """;

    private const string TokenFile = "--vault-token-file";
    private static readonly string[] s_known = ["--dry-run", "--prune", TokenFile, "--help"];

    /// <returns>Null when there are mistakes.</returns>
    public static ApplyFlags? Parse(string[] args, string? environmentToken, out IReadOnlyList<string> mistakes)
    {
        var found = new List<string>();
        string? file = null, tokenFile = null;
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] is "--dry-run" or "--prune")
                continue;
            if (args[i] == TokenFile && i + 1 < args.Length)
                tokenFile = args[++i];
            else if (args[i] == TokenFile)
                found.Add($"{TokenFile} needs the name of a file that holds the token");
            else if (args[i].StartsWith('-'))
                found.Add($"unknown flag {Mistakes.Quote(args[i])}; {(Mistakes.Nearest(args[i], s_known) is { } nearest ? $"'{nearest}' is meant?" : $"known are {string.Join(", ", s_known)}")}");
            else if (file is not null)
                found.Add($"one file at a time: {Mistakes.Quote(file)} and {Mistakes.Quote(args[i])} are named");
            else
                file = args[i];
        }

        if (file is null)
            found.Add($"the access file is not named: apply FILE");
        var token = tokenFile is null ? environmentToken : ReadToken(tokenFile, found);
        mistakes = found;
        return found.Count > 0
            ? null
            : new ApplyFlags(file!, string.IsNullOrWhiteSpace(token) ? null : token.Trim(), args.Contains("--dry-run"), args.Contains("--prune"));
    }

    private static string? ReadToken(string path, List<string> mistakes)
    {
        try
        {
            var token = System.IO.File.ReadAllText(path).Trim();
            if (token.Length == 0)
                mistakes.Add($"{TokenFile} {Mistakes.Quote(path)} is empty");
            else if (token.Any(letter => char.IsControl(letter) || letter > '~'))
                mistakes.Add($"{TokenFile} {Mistakes.Quote(path)} holds no token");
            return token;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            mistakes.Add($"{TokenFile} {Mistakes.Quote(path)} cannot be read");
            return null;
        }
    }
}
