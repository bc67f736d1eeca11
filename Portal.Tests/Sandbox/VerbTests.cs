using System.Diagnostics;
using System.Text.Json;
using Portal.Sandbox.Servers;
using Portal.Tests.Journeys;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Sandbox;

/// <summary>The verbs `vault` and `kubernetes`, as people start them, and a sandbox that uses their servers.</summary>
public sealed class VerbTests(BrowserFixture browsers) : IDisposable
{
    private const UnixFileMode OwnersAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("verbs-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_sandbox_does_its_work_on_a_Vault_and_a_Kubernetes_API_that_run_apart()
    {
        await using var vault = await SandboxCommand.StartAsync("vault", "--port", "0", "--folder", In("vault"));
        await using var kubernetes = await SandboxCommand.StartAsync("kubernetes", "--port", "0", "--folder", In("kubernetes"));
        await using (var sandbox = await SandboxCommand.StartAsync(
            "--port", $"{FreePort.Next()}", "--folder", In("sandbox"), "--portal", SandboxFixture.PortalUnderTest,
            "--vault", $"{vault.Address("Vault")}", "--vault-token-file", In("vault/root-token"),
            "--kubernetes", $"{kubernetes.Address("Kubernetes API")}", "--kubernetes-ca", In("kubernetes/ca.pem"),
            "--kubernetes-token-file", In("kubernetes/admin-token")))
        {
            var handover = JsonDocument.Parse(await File.ReadAllTextAsync(In("sandbox/sandbox.json"), Cancel)).RootElement;
            new Uri(handover.GetProperty("vault").GetProperty("address").GetString()!).ShouldBe(vault.Address("Vault"));
            new Uri(handover.GetProperty("kubernetes").GetProperty("server").GetString()!).ShouldBe(kubernetes.Address("Kubernetes API"));
            await AskConnectAndEndAsync(new Uri(handover.GetProperty("portal").GetString()!), handover.GetProperty("postgres"));

            sandbox.Signal(Signal.Terminate);
            (await sandbox.ExitAsync()).ShouldBe(0, sandbox.Said);
        }

        // Neither is the sandbox's to end, nor to clear.
        using (var http = new HttpClient { BaseAddress = vault.Address("Vault") })
        {
            http.DefaultRequestHeaders.Add("X-Vault-Token", await File.ReadAllTextAsync(In("vault/root-token"), Cancel));
            (await http.GetStringAsync("v1/sys/mounts", Cancel)).ShouldContain("portal-db/");
        }

        (await Port.IsOpenAsync(kubernetes.Address("Kubernetes API"))).ShouldBeTrue();
    }

    [Theory]
    [InlineData(Signal.Terminate)]
    [InlineData(Signal.Interrupt)]
    public async Task Asked_to_they_stop_and_take_their_secrets_away(Signal signal)
    {
        await using var vault = await SandboxCommand.StartAsync("vault", "--port", "0", "--control-port", "0", "--folder", In("vault"));
        await using var kubernetes = await SandboxCommand.StartAsync("kubernetes", "--port", "0", "--folder", In("kubernetes"));
        string[] files = [.. Directory.GetFiles(In("vault")), .. Directory.GetFiles(In("kubernetes"))];
        files.Select(Path.GetFileName).ShouldBe(["root-token", "kubeconfig", "ca.pem", "admin-token", "reviewer-token"], ignoreOrder: true);
        files.ShouldAllBe(file => File.GetUnixFileMode(file) == OwnersAlone);
        foreach (var secret in files.Where(file => file.EndsWith("-token", StringComparison.Ordinal)))
            (vault.Said + kubernetes.Said).ShouldNotContain(await File.ReadAllTextAsync(secret, Cancel));
        (await Port.IsOpenAsync(vault.Address("Control port"))).ShouldBeTrue();

        vault.Signal(signal);
        kubernetes.Signal(signal);

        (await vault.ExitAsync()).ShouldBe(0, vault.Said);
        (await kubernetes.ExitAsync()).ShouldBe(0, kubernetes.Said);
        files.Where(File.Exists).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_root_token_is_the_one_that_was_given()
    {
        await using var vault = await SandboxCommand.StartAsync("vault", "--port", "0", "--root-token", "my-token", "--folder", In("vault"));

        using var http = new HttpClient { BaseAddress = vault.Address("Vault") };
        http.DefaultRequestHeaders.Add("X-Vault-Token", "my-token");
        (await http.GetStringAsync("v1/auth/token/lookup-self", Cancel)).ShouldContain("\"root\"");
        vault.Said.ShouldNotContain("my-token");
    }

    [Theory]
    [InlineData("vault --port nonsense", "--port is a number from 0 to 65535, and not nonsense.")]
    [InlineData("vault --headless", "--headless is no option of vault.")]
    [InlineData("vault --root-token a --root-token-file b", "Give --root-token or --root-token-file, not both.")]
    [InlineData("vault --root-token-file /nowhere/at/all", "--root-token-file: /nowhere/at/all cannot be read.")]
    [InlineData("kubernetes --control-port 1", "--control-port is no option of kubernetes.")]
    [InlineData("kubernetes --folder", "--folder needs a value.")]
    public async Task Mistakes_are_told(string arguments, string mistake)
    {
        var (exitCode, said) = await SandboxCommand.RunAsync(arguments.Split(' '));

        (exitCode, said).ShouldBe((2, $"{mistake}\n--help lists the options."));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told()
    {
        await using var vault = await SandboxCommand.StartAsync("vault", "--port", "0", "--folder", In("vault"));

        var (exitCode, said) = await SandboxCommand.RunAsync("vault", "--port", $"{vault.Address("Vault").Port}", "--folder", In("second"));

        exitCode.ShouldBe(1);
        said.ShouldContain("address already in use");
        said.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("--help", "--vault URL", "--kubernetes URL", "vault --help")]
    [InlineData("vault --help", "--port N", "--control-port N", "--root-token T")]
    [InlineData("kubernetes --help", "--port N", "--folder DIR")]
    public async Task Help_lists_the_options(string arguments, params string[] options)
    {
        var (exitCode, said) = await SandboxCommand.RunAsync(arguments.Split(' '));

        exitCode.ShouldBe(0);
        foreach (var option in options)
            said.ShouldContain(option);
    }

    private string In(string path) => Path.Combine(_folder, path);

    private Task AskConnectAndEndAsync(Uri portal, JsonElement postgres) => browsers.WithPageAsync(portal, async page =>
    {
        await page.SignInAsync("alice", "/databases?role=shop-readonly");
        await page.AskAsync("fix order 42");
        await page.Button("Show password").ClickAsync();
        var (user, password) = ((await page.Secret.Locator("[data-secret=user]").TextContentAsync())!.Trim(), (await page.Password.TextContentAsync())!);
        await page.Button("Done").ClickAsync();
        (await PsqlAsync(postgres, user, password)).ShouldBe((0, "120"));

        await page.Button("End now: shop-readonly").ClickAsync();
        await page.Locator(".held").GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "End now", Exact = true }).ClickAsync();
        await Expect(page.Locator(".held")).ToHaveCountAsync(0);
        (await PsqlAsync(postgres, user, password)).ExitCode.ShouldBe(2);
    });

    private static async Task<(int ExitCode, string Output)> PsqlAsync(JsonElement postgres, string user, string password)
    {
        string[] arguments =
        [
            "-h", postgres.GetProperty("host").GetString()!, "-p", $"{postgres.GetProperty("port").GetInt32()}", "-d", "shop", "-U", user, "-w",
            "-A", "-t", "-c", "SELECT count(*) FROM orders",
        ];
        var start = new ProcessStartInfo("psql", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PGPASSWORD"] = password;
        using var psql = Process.Start(start)!;
        var output = await psql.StandardOutput.ReadToEndAsync(Cancel);
        await psql.WaitForExitAsync(Cancel);
        return (psql.ExitCode, output.Trim());
    }
}
