using System.Net.Http.Json;
using Portal.Sandbox;
using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Vault;
using Portal.Tests.Support;
using PortalSandbox = Portal.Sandbox.Sandbox;

namespace Portal.Tests.Sandbox;

/// <summary>A sandbox with a Vault or a Kubernetes API that is not its own.</summary>
public sealed class OutsideWorldTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sandbox-").FullName;
    private VaultServer _vault = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _vault = await VaultServer.StartAsync(new VaultServerOptions());

    public async ValueTask DisposeAsync()
    {
        await _vault.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Another_Vault_finds_its_users_and_its_portal_again_whatever_ran_in_between()
    {
        string kept, own;
        await using (var first = await StartAsync(_vault.Access))
        {
            kept = await UserAsync(first);
            await using var portal = await StartPortalAsync(first);
            using var alice = await Person.SignInAsync(portal.Address, "alice");
        }

        await using (var second = await StartAsync(vault: null))
        {
            (await UsersAsync(second)).ShouldBe([kept]);
            second.BeganAnew.ShouldBeFalse();
            own = await UserAsync(second);
        }

        await using var third = await StartAsync(_vault.Access);
        (await UsersAsync(third)).ShouldBe([kept], $"{own} was of a Vault that is no more");
        (await SqliteAsync(third, "SELECT Login FROM Users")).ShouldBe("alice");
        await using var again = await StartPortalAsync(third);
        using var bob = await Person.SignInAsync(again.Address, "bob");
        await RevokeAllAsync(third);
        await Eventually.TrueAsync(async () => (await UsersAsync(third)).Length == 0, "the Vault has ended its users");
    }

    [Fact]
    public async Task A_Vault_whose_engine_was_mounted_anew_gets_another_portal_database()
    {
        string before;
        await using (var first = await StartAsync(_vault.Access))
            before = first.Folder.Database;
        using (var vault = Client())
            (await vault.DeleteAsync("v1/sys/mounts/portal-transit", Cancel)).EnsureSuccessStatusCode();

        await using var second = await StartAsync(_vault.Access);
        second.Folder.Database.ShouldNotBe(before);
        File.Exists(before).ShouldBeTrue();
    }

    [Fact]
    public async Task A_Vault_that_is_of_no_use_is_told_in_one_line()
    {
        await RefusedAsync(_vault.Access with { RootToken = "s.nonsense" }, "does not know the token, or it has ended.");
        await HaveLoginOfOthersAsync();
        await RefusedAsync(_vault.Access, "has a login for kubernetes.example.com:6443 at auth/kubernetes, which the sandbox would replace: give --vault-prefix P");
        await _vault.Control.SealAsync(Cancel);
        await RefusedAsync(_vault.Access, "is sealed: unseal it first.");
        await _vault.Control.StopAsync(Cancel);
        await RefusedAsync(_vault.Access, "There is no Vault at");
        await using var kubernetes = await KubernetesServer.StartAsync();
        await RefusedAsync(_vault.Access with { Address = kubernetes.Address }, "give its authority with --vault-ca FILE.");
    }

    [Fact]
    public async Task A_Kubernetes_API_that_is_of_no_use_is_told_in_one_line()
    {
        await using var kubernetes = await KubernetesServer.StartAsync();
        await using var other = await KubernetesServer.StartAsync();
        var away = other.Access;
        await RefusedAsync(kubernetes.Access with { AdminToken = "nonsense" }, "does not know the token.");
        await RefusedAsync(kubernetes.Access with { CaPem = away.CaPem }, "is not vouched for by the authority given (--kubernetes-ca).");
        await RefusedAsync(kubernetes.Access with { AdminToken = kubernetes.CreateToken("portal", "other", null, TimeSpan.FromHours(1)) }, "does not let the token create /api/v1/namespaces");
        await other.DisposeAsync();
        await RefusedAsync(away, "There is no Kubernetes API at");
        kubernetes.Cluster.Unbind("portal", "vault", ClusterRole.AuthDelegator);
        await RefusedAsync(kubernetes.Access, "kubectl create clusterrolebinding portal-vault-token-reviews --clusterrole=system:auth-delegator --serviceaccount=portal:vault");
    }

    [Fact]
    public async Task An_empty_Kubernetes_API_gets_what_the_portal_needs()
    {
        await using var kubernetes = await KubernetesServer.StartAsync();
        kubernetes.Cluster.Delete(ClusterKind.Namespace, null, "portal");

        await using var sandbox = await PortalSandbox.StartAsync(Options with { Vault = _vault.Access, Kubernetes = kubernetes.Access }, Cancel);

        kubernetes.Cluster.List(ClusterKind.ServiceAccount, "portal").Select(account => account.Name).ShouldBe(["default", "portal", "vault"]);
        await using var portal = await StartPortalAsync(sandbox);
        using var alice = await Person.SignInAsync(portal.Address, "alice");
    }

    private SandboxOptions Options => new() { Folder = _folder, Portal = SandboxFixture.PortalUnderTest };

    private Task<PortalSandbox> StartAsync(VaultAccess? vault) => PortalSandbox.StartAsync(Options with { Vault = vault }, Cancel);

    private static Task<PortalProcess> StartPortalAsync(PortalSandbox sandbox) =>
        sandbox.StartPortalAsync(new Uri($"http://127.0.0.1:{Portal.Sandbox.Servers.FreePort.Next()}"), Cancel);

    private async Task RefusedAsync(VaultAccess vault, string words) => await RefusedAsync(Options with { Vault = vault }, words);

    private async Task RefusedAsync(KubernetesAccess kubernetes, string words) => await RefusedAsync(Options with { Kubernetes = kubernetes }, words);

    private static async Task RefusedAsync(SandboxOptions options, string words)
    {
        var message = (await Should.ThrowAsync<InvalidOperationException>(() => PortalSandbox.StartAsync(options, Cancel))).Message;
        message.ShouldContain(words);
        message.ShouldNotContain('\n');
    }

    private async Task HaveLoginOfOthersAsync()
    {
        using var vault = Client();
        (await vault.PostAsJsonAsync("v1/sys/auth/kubernetes", new { type = "kubernetes" }, Cancel)).EnsureSuccessStatusCode();
        await using var authority = await KubernetesServer.StartAsync();
        var config = new { kubernetes_host = "https://kubernetes.example.com:6443", kubernetes_ca_cert = authority.CaPem };
        (await vault.PostAsJsonAsync("v1/auth/kubernetes/config", config, Cancel)).EnsureSuccessStatusCode();
    }

    private HttpClient Client(VaultAccess? access = null)
    {
        var vault = new HttpClient { BaseAddress = (access ?? _vault.Access).Address };
        vault.DefaultRequestHeaders.Add("X-Vault-Token", (access ?? _vault.Access).RootToken);
        return vault;
    }

    /// <summary>A user that the sandbox's Vault makes.</summary>
    private async Task<string> UserAsync(PortalSandbox sandbox)
    {
        var before = await UsersAsync(sandbox);
        using var vault = Client(sandbox.Vault);
        (await vault.GetAsync("v1/portal-db/creds/shop-readonly", Cancel)).EnsureSuccessStatusCode();
        return (await UsersAsync(sandbox)).Except(before).Single();
    }

    private async Task RevokeAllAsync(PortalSandbox sandbox)
    {
        using var vault = Client(sandbox.Vault);
        using var nothing = new StringContent("{}");
        (await vault.PutAsync("v1/sys/leases/revoke-prefix/portal-db/creds", nothing, Cancel)).EnsureSuccessStatusCode();
    }

    private static Task<string[]> UsersAsync(PortalSandbox sandbox) => sandbox.Postgres.VaultUsersAsync();

    private static async Task<string?> SqliteAsync(PortalSandbox sandbox, string sql)
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={sandbox.Folder.Database};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (string?)await command.ExecuteScalarAsync(Cancel);
    }
}
