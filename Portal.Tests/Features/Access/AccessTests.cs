using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Portal.Features.Credentials;
using Portal.Features.Databases;
using Portal.Sandbox.Servers;

namespace Portal.Tests.Features.Access;

/// <summary>One PostgreSQL for all that apply files.</summary>
public sealed class AccessPostgres : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("access-postgres-");

    public PostgresServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await PostgresServer.StartAsync(_folder.FullName);
        System.IO.File.WriteAllText(Path.Combine(_folder.FullName, "password"), Server.VaultPassword);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}

[CollectionDefinition(Name)]
public sealed class AccessOnPostgres : ICollectionFixture<AccessPostgres>
{
    public const string Name = "access on PostgreSQL";
}

/// <summary>Base of tests that apply files to a Vault of their own.</summary>
[Collection(AccessOnPostgres.Name)]
public abstract class AccessTests(AccessPostgres postgres) : IAsyncLifetime
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected AccessBench Bench { get; private set; } = null!;

    /// <summary>What the portal's things in Vault start with.</summary>
    protected string Prefix => Bench.Vault.Prefix;

    protected PostgresServer Server => postgres.Server;

    protected ShopFile File => new(Server);

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

    protected async Task SqlAsync(string sql, string database = "shop")
    {
        await using var connection = new NpgsqlConnection(Server.AdminConnectionString(database));
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    protected Task SetPasswordAsync(string password) => SqlAsync($"ALTER ROLE vault PASSWORD '{password}'");

    protected Task<JsonObject?> VaultAsync(string path) => Bench.Operator.ReadAsync(path, Cancel);

    protected Task<DatabaseGrant> GrantAsync(string role) =>
        Bench.QueryAsync(db => db.DatabaseGrants.AsNoTracking().Include(grant => grant.Team).SingleAsync(grant => grant.RoleName == role, Cancel));

    /// <summary>A credential that the portal would have recorded, under a grant that there is.</summary>
    protected async Task<Guid> IssueAsync(string role, CredentialState state = CredentialState.Active)
    {
        var grant = await GrantAsync(role);
        var credential = new Credential
        {
            Id = Guid.CreateVersion7(), OwnerId = Guid.CreateVersion7(), OwnerLogin = "alice", TeamId = grant.TeamId, TeamName = grant.Team.Name, GrantId = grant.Id,
            Role = role, Target = "PostgreSQL shop", Reason = "test", RequestKey = "key", LatestEnd = DateTimeOffset.MaxValue, ExpiresAt = DateTimeOffset.MaxValue,
        };
        if (state == CredentialState.Active)
            credential.Activate("v-alice", "lease", DateTimeOffset.MaxValue);
        else if (state == CredentialState.Revoked)
            credential.End(CredentialState.Revoked, "alice", DateTimeOffset.UnixEpoch);
        await Bench.QueryAsync(db =>
        {
            db.Add(credential);
            return db.SaveChangesAsync(Cancel);
        });
        return credential.Id;
    }

    protected Task EndAsync(Guid id) => Bench.QueryAsync(async db =>
    {
        (await db.Credentials.SingleAsync(credential => credential.Id == id, Cancel)).End(CredentialState.Revoked, "test", DateTimeOffset.UnixEpoch);
        return await db.SaveChangesAsync(Cancel);
    });

    protected Task<Credential> CredentialAsync(Guid id) => Bench.QueryAsync(db => db.Credentials.AsNoTracking().SingleAsync(row => row.Id == id, Cancel));
}
