using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portal.Vault;

/// <summary>What <c>setup-vault</c> was told, every file read.</summary>
internal sealed record SetupArguments
{
    /// <summary>Never printed.</summary>
    public string Token { get; private set; } = "";

    /// <summary>Where the token came from, for messages.</summary>
    public string TokenSource { get; private set; } = "";

    public bool DryRun { get; private set; }

    public bool Prune { get; private set; }

    public bool WithAdmin { get; private set; }

    public string ServiceAccount { get; private set; } = "portal";

    public string Namespace { get; private set; } = "portal";

    public Uri? KubernetesHost { get; private set; }

    /// <summary>PEM.</summary>
    public string? KubernetesCa { get; private set; }

    public string? ReviewerToken { get; private set; }

    public const string Usage =
        """
        setup-vault brings Vault to the state that the portal needs. Settings as for the portal itself (Vault:Address and so on).

          --vault-token-file FILE            token to work with; without it VAULT_TOKEN
          --dry-run                          say what would change, write nothing
          --prune                            also delete policies and roles that the portal wrote and no longer needs
          --with-admin                       also the role that `apply` works with
          --service-account NAME             the portal's service account (portal)
          --namespace NAME                   its namespace (portal)
          --kubernetes-host URL              the Kubernetes API, as Vault reaches it
          --kubernetes-ca-file FILE          certificate authority of the Kubernetes API, PEM
          --token-reviewer-jwt-file FILE     service-account token with which Vault asks for token reviews
        """;

    private static readonly string[] s_switches = ["--dry-run", "--prune", "--with-admin", "--help"];

    private static readonly string[] s_valued =
    [
        "--vault-token-file", "--service-account", "--namespace", "--kubernetes-host", "--kubernetes-ca-file", "--token-reviewer-jwt-file",
    ];

    public static SetupArguments Parse(IReadOnlyList<string> args, string? environmentToken, List<string> mistakes)
    {
        var arguments = new SetupArguments();
        for (var index = 0; index < args.Count; index++)
        {
            var (flag, value) = Split(args[index]);
            if (s_switches.Contains(flag))
            {
                if (value is not null)
                    mistakes.Add($"{flag} takes no value.");
                arguments.Turn(flag);
            }
            else if (!s_valued.Contains(flag))
            {
                mistakes.Add($"{flag} is no flag of setup-vault; did you mean {Nearest(flag)}?");
            }
            else if ((value ?? Next(args, ref index)) is { } given)
            {
                arguments.Take(flag, given, mistakes);
            }
            else
            {
                mistakes.Add($"{flag} needs a value.");
            }
        }
        if (arguments.TokenSource.Length == 0 && environmentToken is { Length: > 0 })
            (arguments.Token, arguments.TokenSource) = (environmentToken.Trim(), "VAULT_TOKEN");
        if (arguments.TokenSource.Length == 0)
            mistakes.Add("A Vault token is missing: name its file with --vault-token-file, or set VAULT_TOKEN.");
        return arguments;
    }

    private static (string Flag, string? Value) Split(string argument) =>
        argument.Split('=', 2) is [var flag, var value] ? (flag, value) : (argument, null);

    private static string? Next(IReadOnlyList<string> args, ref int index) =>
        index + 1 < args.Count && !args[index + 1].StartsWith("--", StringComparison.Ordinal) ? args[++index] : null;

    private void Turn(string flag)
    {
        DryRun |= flag == "--dry-run";
        Prune |= flag == "--prune";
        WithAdmin |= flag == "--with-admin";
    }

    private void Take(string flag, string value, List<string> mistakes)
    {
        switch (flag)
        {
            case "--vault-token-file":
                (Token, TokenSource) = (ReadFile(flag, value, mistakes) ?? "", value);
                break;
            case "--service-account":
                ServiceAccount = Name(flag, value, mistakes);
                break;
            case "--namespace":
                Namespace = Name(flag, value, mistakes);
                break;
            case "--kubernetes-host":
                if (Uri.TryCreate(value, UriKind.Absolute, out var host) && host.Scheme is "https" or "http")
                    KubernetesHost = host;
                else
                    mistakes.Add($"{flag} must be an address such as https://kubernetes.default.svc, and is {value}.");
                break;
            case "--kubernetes-ca-file":
                KubernetesCa = ReadCertificates(flag, value, mistakes);
                break;
            case "--token-reviewer-jwt-file":
                ReviewerToken = ReadFile(flag, value, mistakes);
                if (ReviewerToken is not null && ReviewerToken.Split('.').Length != 3)
                    mistakes.Add($"{flag}: {value} holds no service-account token (a JWT of three parts).");
                break;
        }
    }

    private static string Name(string flag, string value, List<string> mistakes)
    {
        const int longest = 253;
        if (value.Length is 0 or > longest || !value.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '.'))
            mistakes.Add($"{flag} must be a Kubernetes name (lower-case letters, digits, hyphens), and is {value}.");
        return value;
    }

    private static string? ReadFile(string flag, string file, List<string> mistakes)
    {
        try
        {
            var text = File.ReadAllText(file).Trim();
            if (text.Length > 0)
                return text;
            mistakes.Add($"{flag}: {file} is empty.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            mistakes.Add($"{flag}: {file} cannot be read: {exception.Message}");
        }
        return null;
    }

    private static string? ReadCertificates(string flag, string file, List<string> mistakes)
    {
        if (ReadFile(flag, file, mistakes) is not { } text)
            return null;
        try
        {
            X509Certificate2Collection certificates = [];
            certificates.ImportFromPem(text);
            if (certificates.Count > 0)
                return text;
        }
        catch (CryptographicException)
        {
        }
        mistakes.Add($"{flag}: {file} holds no certificate: expected PEM.");
        return null;
    }

    private static string Nearest(string flag) => s_switches.Concat(s_valued).MinBy(known => Distance(flag, known))!;

    // Levenshtein.
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        foreach (var letter in one)
        {
            var diagonal = row[0]++;
            for (var column = 1; column <= other.Length; column++)
            {
                var replaced = diagonal + (letter == other[column - 1] ? 0 : 1);
                diagonal = row[column];
                row[column] = Math.Min(replaced, Math.Min(row[column], row[column - 1]) + 1);
            }
        }
        return row[^1];
    }
}
