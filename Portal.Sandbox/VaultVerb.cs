using Portal.Sandbox.Servers;
using Portal.Sandbox.Vault;

namespace Portal.Sandbox;

/// <summary>The verb `vault`: the Vault in memory alone, for whoever wants one.</summary>
internal static class VaultVerb
{
    private const string Usage =
        """
        vault: a Vault in memory, on this machine's loopback. It forgets everything when it ends.

          --port N                 port of its API (8200; 0 takes any free one)
          --control-port N         port where tests order faults (0)
          --root-token T           its root token; or --root-token-file FILE, or the variable VAULT_DEV_ROOT_TOKEN_ID; else one is made up
          --folder DIR             gets the file root-token, for its owner alone (.sandbox/vault)
        """;

    public static Task<int> RunAsync(string[] args) => Program.RunAsync(args, Usage, mistakes => Parse(args, mistakes), RunAsync);

    private static (VaultServerOptions Server, string Folder) Parse(string[] args, List<string> mistakes)
    {
        var (server, folder) = (new VaultServerOptions { Port = 8200 }, ".sandbox/vault");
        var (token, file) = ((string?)null, (string?)null);
        new FlagReader("vault", mistakes)
            .Port("--port", 0, port => server = server with { Port = port })
            .Port("--control-port", 0, port => server = server with { ControlPort = port })
            .Value("--root-token", value => token = value)
            .Value("--root-token-file", value => file = value)
            .Value("--folder", value => folder = value)
            .Read(args);
        if (token is not null && file is not null)
            mistakes.Add("Give --root-token or --root-token-file, not both.");
        token ??= file is null ? Environment.GetEnvironmentVariable("VAULT_DEV_ROOT_TOKEN_ID") : FlagReader.Text("--root-token-file", file, mistakes)?.Trim();
        if (token?.Any(letter => letter is <= ' ' or > '~') == true)
            mistakes.Add("A root token holds neither blanks nor other letters than ASCII, as it is sent in a header.");
        return (server with { RootToken = string.IsNullOrEmpty(token) ? null : token }, Path.GetFullPath(folder));
    }

    private static async Task<int> RunAsync((VaultServerOptions Server, string Folder) options, CancellationToken stop)
    {
        await using var vault = await VaultServer.StartAsync(options.Server);
        var token = Path.Combine(Directory.CreateDirectory(options.Folder).FullName, "root-token");
        await PrivateFile.ReplaceAsync(token, vault.RootToken);
        Console.WriteLine(
            $"""
            Vault         {Handover.Text(vault.Address)}
            Root token    in {token}
            Control port  {Handover.Text(vault.ControlAddress)}

            Try           VAULT_ADDR={Handover.Text(vault.Address)} VAULT_TOKEN=$(cat {token}) vault status
            Ctrl+C stops it, and it forgets everything.
            """);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        File.Delete(token);
        return 0;
    }
}
