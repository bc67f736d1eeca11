using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Servers;

namespace Portal.Sandbox;

/// <summary>The verb `kubernetes`: the Kubernetes API alone, for whoever wants one.</summary>
internal static class KubernetesVerb
{
    private const string Usage =
        """
        kubernetes: a Kubernetes API of namespaces, service accounts and their tokens, in memory, on this machine's loopback.

          --port N        port of its API (6443; 0 takes any free one)
          --folder DIR    gets the files kubeconfig, ca.pem, admin-token and reviewer-token, for their owner alone (.sandbox/kubernetes)
        """;

    public static Task<int> RunAsync(string[] args) => Program.RunAsync(args, Usage, mistakes => Parse(args, mistakes), RunAsync);

    private static (int Port, string Folder) Parse(string[] args, List<string> mistakes)
    {
        var (port, folder) = (6443, ".sandbox/kubernetes");
        new FlagReader("kubernetes", mistakes)
            .Port("--port", 0, value => port = value)
            .Value("--folder", value => folder = value)
            .Read(args);
        return (port, Path.GetFullPath(folder));
    }

    private static async Task<int> RunAsync((int Port, string Folder) options, CancellationToken stop)
    {
        await using var kubernetes = await KubernetesServer.StartAsync(new KubernetesServerOptions { Port = options.Port });
        Directory.CreateDirectory(options.Folder);
        var files = new Dictionary<string, string>
        {
            [At("ca.pem")] = kubernetes.CaPem,
            [At("admin-token")] = kubernetes.AdminToken,
            [At("reviewer-token")] = kubernetes.ReviewerToken,
        };
        foreach (var (file, text) in files)
            await PrivateFile.ReplaceAsync(file, text);
        kubernetes.WriteKubeconfig(At("kubeconfig"));
        Console.WriteLine(
            $"""
            Kubernetes API         {Handover.Text(kubernetes.Address)}
            Authority              {At("ca.pem")}
            Administrator's token  in {At("admin-token")}
            Reviewer's token       in {At("reviewer-token")}: of portal/vault, which may create TokenReviews

            Try                    kubectl --kubeconfig {At("kubeconfig")} get serviceaccounts -A
            Ctrl+C stops it, and it forgets everything.
            """);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var file in (string[])[.. files.Keys, At("kubeconfig")])
            File.Delete(file);
        return 0;

        string At(string name) => Path.Combine(options.Folder, name);
    }
}
