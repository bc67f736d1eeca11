using Portal.Sandbox;
using Portal.Tests.Support;

namespace Portal.Tests.Sandbox;

/// <summary>The flags that name another Vault or Kubernetes API.</summary>
public sealed class OutsideFlagsTests : IDisposable
{
    private const string NotPem = "no certificate";

    private readonly List<string> _mistakes = [];
    private readonly TemporaryFile _token = new("hvs.from-a-file\n");
    private readonly TemporaryFile _empty = new("\n");
    private readonly TemporaryFile _notPem = new(NotPem);

    public void Dispose()
    {
        _token.Dispose();
        _empty.Dispose();
        _notPem.Dispose();
    }

    [Fact]
    public void Without_them_the_sandbox_has_its_own()
    {
        var options = Parse("VAULT_TOKEN=hvs.somebodys", "--port 5081 --reset");

        (options.Vault, options.Kubernetes, options.Port, options.Reset).ShouldBe((null, null, 5081, true));
        _mistakes.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", "--vault http://127.0.0.1:8200 --vault-token hvs.given", "hvs.given")]
    [InlineData("VAULT_TOKEN=hvs.other", "--vault http://127.0.0.1:8200 --vault-token hvs.given", "hvs.given")]
    [InlineData("VAULT_TOKEN=hvs.other", "--vault http://127.0.0.1:8200 --vault-token-file {token}", "hvs.from-a-file")]
    [InlineData("VAULT_TOKEN=hvs.other", "--vault http://127.0.0.1:8200/", "hvs.other")]
    public void A_token_comes_by_flag_file_or_variable(string environment, string flags, string token)
    {
        var vault = Parse(environment, flags).Vault.ShouldNotBeNull();

        (vault.RootToken, vault.Prefix, vault.AuthPath).ShouldBe((token, "portal", "kubernetes"));
        vault.ToString().ShouldBe("http://127.0.0.1:8200");
        _mistakes.ShouldBeEmpty();
    }

    [Fact]
    public void Another_prefix_has_another_login_path()
    {
        var vault = Parse("", "--vault https://vault.example:8200 --vault-token t --vault-prefix demo").Vault.ShouldNotBeNull();

        (vault.Prefix, vault.AuthPath).ShouldBe(("demo", "demo-kubernetes"));
    }

    [Theory]
    [InlineData("--vault", "--vault needs a value.")]
    [InlineData("--vault-token x", "--vault-token needs --vault URL too: the address of that Vault.")]
    [InlineData("--vault http://127.0.0.1:8200", "--vault needs a token: --vault-token-file FILE, --vault-token T or the variable VAULT_TOKEN.")]
    [InlineData("--vault 127.0.0.1:8200 --vault-token x", "--vault is http or https, a host and a port, such as https://127.0.0.1:8200, and not 127.0.0.1:8200.")]
    [InlineData("--vault http://127.0.0.1:8200/v1 --vault-token x", "--vault is http or https, a host and a port, such as https://127.0.0.1:8200, and not http://127.0.0.1:8200/v1.")]
    [InlineData("--vault http://127.0.0.1:8200 --vault-token x --vault-token-file {token}", "Give --vault-token or --vault-token-file, not both.")]
    [InlineData("--vault http://127.0.0.1:8200 --vault-token-file {empty}", "--vault-token-file: {empty} is empty.")]
    [InlineData("--vault http://127.0.0.1:8200 --vault-token-file /nowhere/at/all", "--vault-token-file: /nowhere/at/all cannot be read.")]
    [InlineData("--vault https://127.0.0.1:8200 --vault-token x --vault-ca {notPem}", "--vault-ca: {notPem} holds no certificate that can be read: expected PEM.")]
    [InlineData("--kubernetes-ca {notPem}", "--kubernetes-ca needs --kubernetes URL too: the address of that API.")]
    [InlineData("--kubernetes http://127.0.0.1:6443 --kubernetes-token x --kubernetes-ca {notPem}",
        "--kubernetes is https, a host and a port, such as https://127.0.0.1:8200, and not http://127.0.0.1:6443.",
        "--kubernetes-ca: {notPem} holds no certificate that can be read: expected PEM.")]
    [InlineData("--kubernetes https://127.0.0.1:6443",
        "--kubernetes needs a token: --kubernetes-token-file FILE, --kubernetes-token T or the variable KUBERNETES_TOKEN.",
        "--kubernetes needs --kubernetes-ca FILE too: the authority of that API, PEM.")]
    [InlineData("--port 0 --port x --nonsense", "--port is a number from 1 to 65535, and not 0.", "--port is a number from 1 to 65535, and not x.", "--nonsense is no option of the sandbox.")]
    public void Each_mistake_is_a_line(string flags, params string[] mistakes)
    {
        Parse("", flags);

        _mistakes.ShouldBe(mistakes.Select(Filled));
    }

    private SandboxOptions Parse(string environment, string flags) => SandboxOptions.Parse(
        [.. flags.Split(' ').Select(Filled)], _mistakes,
        name => environment.StartsWith($"{name}=", StringComparison.Ordinal) ? environment[(name.Length + 1)..] : null);

    private string Filled(string text) => text
        .Replace("{token}", _token.Path, StringComparison.Ordinal).Replace("{empty}", _empty.Path, StringComparison.Ordinal)
        .Replace("{notPem}", _notPem.Path, StringComparison.Ordinal);
}
