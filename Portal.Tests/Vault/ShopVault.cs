using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portal.Sandbox.Servers;
using Portal.Vault;

namespace Portal.Tests.Vault;

/// <summary>A Vault that is set up, with two roles of a real PostgreSQL, configured by the portal's own admin role.</summary>
public sealed class ShopVault : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("portal-shop-").FullName;

    public SandboxVault Vault { get; } = new();

    public PostgresServer Postgres { get; private set; } = null!;

    public IServiceProvider Services { get; private set; } = null!;

    public VaultNames Names => Get<VaultNames>();

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        Postgres = await PostgresServer.StartAsync(_folder);
        await Vault.InitializeAsync();
        (await Vault.SetUpAsync("--with-admin")).ShouldBeFine();
        Services = Vault.Client();
        await ConnectAsync();
        await RoleAsync("shop-readonly");
        await RoleAsync("shop-other");
    }

    public async ValueTask DisposeAsync()
    {
        await Vault.DisposeAsync();
        await Postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task ConnectAsync() => Get<VaultAdmin>().WriteAsync(
        $"{Names.Database}/config/shop",
        new JsonObject
        {
            ["plugin_name"] = "postgresql-database-plugin",
            ["connection_url"] = $"postgresql://{{{{username}}}}:{{{{password}}}}@{Postgres.Host}:{Postgres.Port}/shop?sslmode=disable",
            ["username"] = Postgres.VaultUsername,
            ["password"] = Postgres.VaultPassword,
            ["allowed_roles"] = "*",
            ["username_template"] = "v-{{.DisplayName | replace \"token-\" \"\" | truncate 24}}-{{.RoleName | truncate 12}}-{{random 12}}-{{unix_time}}",
        },
        TestContext.Current.CancellationToken);

    private async Task RoleAsync(string role)
    {
        var (admin, ct) = (Get<VaultAdmin>(), TestContext.Current.CancellationToken);
        var body = new JsonObject
        {
            ["db_name"] = "shop",
            ["creation_statements"] = new JsonArray(
                "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}' ROLE vault;",
                "GRANT CONNECT ON DATABASE shop TO \"{{name}}\";"),
            ["revocation_statements"] = new JsonArray("DROP OWNED BY \"{{name}}\";", "DROP ROLE IF EXISTS \"{{name}}\";"),
            ["default_ttl"] = 60,
            ["max_ttl"] = 8 * 60 * 60,
        };
        await admin.WriteAsync($"{Names.Database}/roles/{role}", body, ct);
        var policy = $"path \"{Names.Database}/creds/{role}\" {{ capabilities = [\"read\"] }}";
        await admin.WriteAsync($"sys/policies/acl/{Names.DatabaseToken(role)}", new JsonObject { ["policy"] = policy }, ct);
        var tokenRole = new JsonObject
        {
            ["allowed_policies"] = new JsonArray(Names.DatabaseToken(role)), ["orphan"] = true, ["renewable"] = true, ["token_no_default_policy"] = true,
        };
        await admin.WriteAsync($"auth/token/roles/{Names.DatabaseToken(role)}", tokenRole, ct);
    }
}
