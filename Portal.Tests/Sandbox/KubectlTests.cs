using System.Diagnostics;
using Portal.Sandbox.Kubernetes;
using Portal.Tests.Support;

namespace Portal.Tests.Sandbox;

/// <summary>The real client, where it is installed.</summary>
public sealed class KubectlTests(SandboxFixture fixture) : IAsyncLifetime
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("kubectl-");
    private KubernetesServer? _server;

    private string Kubeconfig => Path.Combine(_home.FullName, "config");

    public async ValueTask InitializeAsync()
    {
        _server = await KubernetesServer.StartAsync();
        _server.WriteKubeconfig(Kubeconfig);
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        _home.Delete(recursive: true);
    }

    [Fact]
    public void The_kubeconfig_is_for_its_owner_alone_even_when_it_replaces_another()
    {
        File.WriteAllText(Kubeconfig, "old");
        _server!.WriteKubeconfig(Kubeconfig);

        File.ReadAllText(Kubeconfig).ShouldContain(_server.Address.Authority);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(Kubeconfig).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _home.GetFiles().Length.ShouldBe(1);
    }

    [Fact]
    public async Task Kubectl_makes_lists_and_deletes()
    {
        (await RunAsync("create", "namespace", "shop")).ShouldBe("namespace/shop created");
        (await RunAsync("create", "serviceaccount", "orders", "-n", "shop")).ShouldBe("serviceaccount/orders created");

        (await RunAsync("get", "namespaces")).Split('\n').ShouldContain(line => line.StartsWith("shop ", StringComparison.Ordinal) && line.Contains("Active"));
        var accounts = (await RunAsync("get", "serviceaccounts", "-A")).Split('\n');
        accounts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["NAMESPACE", "NAME", "SECRETS", "AGE"]);
        accounts.ShouldContain(line => line.StartsWith("shop ", StringComparison.Ordinal) && line.Contains("orders"));
        (await RunAsync("get", "sa", "-n", "shop", "-o", "name")).ShouldBe("serviceaccount/default\nserviceaccount/orders");

        (await RunAsync("delete", "serviceaccount", "orders", "-n", "shop")).ShouldContain("deleted");
        (await RunAsync("get", "sa", "-n", "shop", "-o", "name")).ShouldBe("serviceaccount/default");
    }

    [Fact]
    public async Task Kubectl_makes_a_token_that_works()
    {
        var token = await RunAsync("create", "token", "vault", "-n", "portal", "--duration", "20m");

        (await RunAsync("--token", token, "get", "--raw", "/api")).ShouldContain("APIVersions");
        (await RunAsync("create", "token", "portal", "-n", "portal", "--audience", "vault", "--audience", "other")).Split('.').Length.ShouldBe(3);
    }

    [Fact]
    public async Task Kubectl_works_by_the_kubeconfig_of_a_sandbox()
    {
        var kubeconfig = (await fixture.GetAsync()).Folder.Kubeconfig;

        (await RunByAsync(kubeconfig, "get", "namespaces", "-o", "name")).Split('\n').ShouldContain("namespace/portal");
        (await RunByAsync(kubeconfig, "get", "serviceaccounts", "-A", "-o", "name")).Split('\n').ShouldContain("serviceaccount/portal");
        var token = await RunByAsync(kubeconfig, "create", "token", "vault", "-n", "portal");
        (await RunByAsync(kubeconfig, "--token", token, "get", "--raw", "/openid/v1/jwks")).ShouldContain("\"keys\"");
    }

    /// <summary>What kubectl prints; it must end well.</summary>
    private Task<string> RunAsync(params string[] arguments) => RunByAsync(Kubeconfig, arguments);

    private async Task<string> RunByAsync(string kubeconfig, params string[] arguments)
    {
        Assert.SkipUnless(IsInstalled(), "kubectl is not on PATH");
        var start = new ProcessStartInfo("kubectl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = kubeconfig;
        start.Environment["HOME"] = _home.FullName;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, errors);
        return (await output).Trim();
    }

    private static bool IsInstalled() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "kubectl")));
}
