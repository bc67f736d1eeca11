using Microsoft.Extensions.Configuration;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Vault;

/// <summary>Mistakes that are found before Vault is asked.</summary>
public class SetupVaultFlagsTests
{
    private const string Nowhere = "http://127.0.0.1:9";

    [Theory]
    [InlineData("--dryrun", "--dryrun is no flag of setup-vault; did you mean --dry-run?")]
    [InlineData("--kubernetes-hosts=https://k", "--kubernetes-hosts is no flag of setup-vault; did you mean --kubernetes-host?")]
    [InlineData("prune", "prune is no flag of setup-vault; did you mean --prune?")]
    [InlineData("--prune=yes", "--prune takes no value.")]
    [InlineData("--namespace", "--namespace needs a value.")]
    [InlineData("--namespace=Big", "--namespace must be a Kubernetes name (lower-case letters, digits, hyphens), and is Big.")]
    [InlineData("--service-account=", "--service-account must be a Kubernetes name (lower-case letters, digits, hyphens), and is .")]
    [InlineData("--kubernetes-host=kubernetes", "--kubernetes-host must be an address such as https://kubernetes.default.svc, and is kubernetes.")]
    [InlineData("--kubernetes-host=file:///x", "--kubernetes-host must be an address such as https://kubernetes.default.svc, and is file:///x.")]
    public async Task A_mistake_in_a_flag_is_named(string flag, string mistake) =>
        (await MistakesAsync([flag])).ShouldBe([mistake]);

    [Theory]
    [InlineData("--vault-token-file")]
    [InlineData("--kubernetes-ca-file")]
    [InlineData("--token-reviewer-jwt-file")]
    public async Task A_file_that_cannot_be_read_is_named(string flag) =>
        (await MistakesAsync([flag, "/nowhere/file"])).ShouldHaveSingleItem().ShouldStartWith($"{flag}: /nowhere/file cannot be read: ");

    [Theory]
    [InlineData("--vault-token-file", "", "is empty.")]
    [InlineData("--kubernetes-ca-file", "no certificate", "holds no certificate: expected PEM.")]
    [InlineData("--token-reviewer-jwt-file", "canary", "holds no service-account token (a JWT of three parts).")]
    public async Task A_file_with_something_else_in_it_is_named(string flag, string text, string mistake)
    {
        using var file = new TemporaryFile(text);

        (await MistakesAsync([flag, file.Path])).ShouldBe([$"{flag}: {file.Path} {mistake}"]);
    }

    [Fact]
    public async Task A_missing_token_is_named() =>
        (await MistakesAsync([], token: null)).ShouldBe(["A Vault token is missing: name its file with --vault-token-file, or set VAULT_TOKEN."]);

    [Fact]
    public async Task All_mistakes_are_named_at_once_the_settings_too() =>
        (await MistakesAsync(["--dryrun", "--namespace=Big"], token: null, address: "nonsense")).Count.ShouldBe(4);

    [Fact]
    public async Task Vault_that_is_not_there_is_named() =>
        (await MistakesAsync([])).ShouldHaveSingleItem().ShouldStartWith($"Vault at {Nowhere}/: Vault is unreachable");

    [Fact]
    public async Task Help_lists_the_flags()
    {
        var output = new StringWriter();

        (await SetupVault.RunAsync(["--help"], new ConfigurationBuilder().Build(), output, TextWriter.Null, TestContext.Current.CancellationToken)).ShouldBe(0);

        output.ToString().ShouldContain("--token-reviewer-jwt-file FILE");
    }

    private static async Task<IReadOnlyList<string>> MistakesAsync(string[] args, string? token = "root", string address = Nowhere)
    {
        var error = new StringWriter();
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Vault:Address", address), new("VAULT_TOKEN", token)])
            .Build();

        (await SetupVault.RunAsync(args, configuration, TextWriter.Null, error, TestContext.Current.CancellationToken)).ShouldBe(1);

        return error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
