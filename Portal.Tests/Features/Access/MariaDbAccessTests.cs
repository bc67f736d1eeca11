using System.Text.Json.Nodes;
using Portal.Sandbox.Servers;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Access;

/// <summary>One MariaDB for all that apply files.</summary>
public sealed class AccessMariaDb : IAsyncLifetime
{
    /// <summary>All that people can leave something behind with. Vault may hand it out here.</summary>
    public const string Author = "SELECT, INSERT, UPDATE, CREATE, DROP, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, TRIGGER, EVENT";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("access-mariadb-");

    public MariaDbServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await MariaDbServer.StartAsync(_folder.FullName);
        await Server.ExecuteAsync($"GRANT {Author} ON billing.* TO 'vault'@'%' WITH GRANT OPTION");
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

[CollectionDefinition(Name)]
public sealed class AccessOnMariaDb : ICollectionFixture<AccessMariaDb>
{
    public const string Name = "access on MariaDB";
}

/// <summary>Base of tests that apply files for MariaDB to a Vault of their own.</summary>
[Collection(AccessOnMariaDb.Name)]
public abstract class MariaDbAccessTests(AccessMariaDb mariaDb) : IAsyncLifetime
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected AccessBench Bench { get; private set; } = null!;

    /// <summary>What the portal's things in Vault start with.</summary>
    protected string Prefix => Bench.Vault.Prefix;

    protected MariaDbServer Server => mariaDb.Server;

    protected BillingFile File => new(Server);

    public virtual async ValueTask InitializeAsync()
    {
        Bench = await AccessBench.StartAsync();
        Bench.Write("password", Server.VaultPassword);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        // The server is shared: it gets back the password that the other tests know.
        await SetPasswordAsync(Server.VaultPassword);
        await Bench.DisposeAsync();
    }

    protected Task SetPasswordAsync(string password) => Server.ExecuteAsync($"ALTER USER 'vault'@'%' IDENTIFIED BY '{password}'");

    protected Task<JsonObject?> VaultAsync(string path) => Bench.Operator.ReadAsync(path, Cancel);
}
