using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Vault;

namespace Portal.Sandbox;

/// <summary>What a start of the sandbox was asked for.</summary>
public sealed record SandboxOptions
{
    public const string Usage =
        """
        The portal with a GitHub, a Vault, a Kubernetes API, a PostgreSQL, a MariaDB and an sshd of its own, all on this machine alone.

          --port N        port of the portal (5080)
          --reset         forget what an earlier run left in the folder, the databases' rows included
          --headless      print nothing: the screen goes to sandbox.log in the folder
          --folder DIR    where its files lie (.sandbox)
          --portal PATH   the portal to run: its published folder, or its Portal.dll

        With another Vault, which must reach this machine's loopback and keeps what the sandbox sets up in it:
          --vault URL               its address
          --vault-token-file FILE   a token that may do what setup-vault does; or --vault-token T, or the variable VAULT_TOKEN
          --vault-ca FILE           the authorities that vouch for it, PEM (the system's)
          --vault-prefix P          what mounts, roles and policies start with (portal, and then auth/kubernetes; else auth/P-kubernetes)

        With another Kubernetes API, which gets a namespace and two service accounts:
          --kubernetes URL               its address
          --kubernetes-ca FILE           its authority, PEM
          --kubernetes-token-file FILE   a token of an administrator; or --kubernetes-token T, or the variable KUBERNETES_TOKEN

        One server alone:
          vault --help         the Vault
          kubernetes --help    the Kubernetes API
        """;

    public int Port { get; init; } = 5080;

    public bool Reset { get; init; }

    public bool Headless { get; init; }

    /// <summary>One sandbox at a time runs in it; several run side by side in several.</summary>
    public string Folder { get; init; } = ".sandbox";

    /// <summary>A published folder or a Portal.dll; absent: what <c>dotnet publish</c> last made of this checkout.</summary>
    public string? Portal { get; init; }

    /// <summary>Another Vault than its own.</summary>
    public VaultAccess? Vault { get; init; }

    /// <summary>Another Kubernetes API than its own.</summary>
    public KubernetesAccess? Kubernetes { get; init; }

    /// <param name="mistakes">Gets a line for each argument that cannot be followed.</param>
    /// <param name="environment">Variables by name; absent: this process's own.</param>
    public static SandboxOptions Parse(IReadOnlyList<string> args, List<string> mistakes, Func<string, string?>? environment = null)
    {
        var options = new SandboxOptions();
        var outside = new OutsideFlags(mistakes, environment ?? Environment.GetEnvironmentVariable);
        var flags = new FlagReader("the sandbox", mistakes)
            .Switch("--reset", () => options = options with { Reset = true })
            .Switch("--headless", () => options = options with { Headless = true })
            .Port("--port", 1, port => options = options with { Port = port })
            .Value("--folder", folder => options = options with { Folder = folder })
            .Value("--portal", portal => options = options with { Portal = portal });
        outside.AddTo(flags);
        flags.Read(args);
        return options with { Vault = outside.Vault(), Kubernetes = outside.Kubernetes() };
    }
}
