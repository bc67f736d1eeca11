using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Credentials;
using Portal.Features.Ssh;

namespace Portal.Benchmarks;

/// <summary>What the portal adds to Vault's signing, and how long the revocation list takes.</summary>
internal static class Ssh
{
    private const int Rounds = 5;
    private const int Entries = 10_000;
    private const int Connections = 16;
    private const string Role = "oncall";
    private const string Principal = "deploy";
    private const string PublicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6MDEyMzQ1";

    public static async IAsyncEnumerable<Row> MeasureAsync(Bench bench)
    {
        // Vault before 1.12 knows RSA alone; with it, signing itself costs most of the time.
        yield return await SignAsync(bench, "ssh-ed25519", "Ed25519");
        yield return await SignAsync(bench, "ssh-rsa", "RSA 4096");
        yield return await ListAsync(bench);
    }

    private static async Task<Row> SignAsync(Bench bench, string keyType, string authority)
    {
        using var vault = new HttpClient { BaseAddress = bench.Sandbox.Vault.Address };
        vault.DefaultRequestHeaders.Add("X-Vault-Token", bench.Sandbox.Vault.RootToken);
        (await vault.DeleteAsync("/v1/portal-ssh/config/ca")).EnsureSuccessStatusCode();
        (await vault.PostAsJsonAsync("/v1/portal-ssh/config/ca", new { generate_signing_key = true, key_type = keyType })).EnsureSuccessStatusCode();
        await bench.Sandbox.ApplyAsync(bench.Sandbox.Folder.Access);

        await using var portal = await bench.StartPortalAsync($"ssh-{keyType}", "Portal");
        using var bob = await Api.SignInAsync(portal.Address, "bob");
        var api = new Uri(portal.Address, $"/api/v1/ssh/roles/{Role}/certificates");
        var wish = JsonSerializer.Serialize(new { publicKey = PublicKey, principals = new[] { Principal }, durationSeconds = 3600, reason = "benchmark" });
        var sign = new Uri(bench.Sandbox.Vault.Address, $"/v1/portal-ssh/sign/{Role}");
        var signing = JsonSerializer.Serialize(new { public_key = PublicKey, valid_principals = Principal, ttl = "3600s", key_id = "benchmark", cert_type = "user" });

        Task<double> ByApi() => Wrk.CallsPerSecondAsync(api, bob.Token, Connections, wish);
        Task<double> Directly() => Wrk.CallsPerSecondAsync(sign, bench.Sandbox.Vault.RootToken, Connections, signing);
        await ByApi();
        await Directly();
        var (one, other) = await Wrk.CompareAsync(Rounds, ByApi, Directly);
        return new(
            $"SSH certificate through the API, against signing at Vault ({authority})", one / other, "≥ 0.5", one / other >= 0.5,
            string.Create(CultureInfo.InvariantCulture, $"{one:0} against {other:0} calls/s"));
    }

    // From rows to bytes, against OpenSSH's own tool, which reads a text and writes a file.
    private static async Task<Row> ListAsync(Bench bench)
    {
        var folder = Directory.CreateTempSubdirectory("portal-benchmarks-krl-").FullName;
        var database = Path.Combine(folder, "portal.db");
        File.Copy(bench.Sandbox.Folder.Database, database);
        var databases = new Databases(database);
        await FillAsync(databases);
        var specification = Path.Combine(folder, "revoked");
        await File.WriteAllLinesAsync(specification, Enumerable.Range(0, Entries).SelectMany(i => new[] { $"serial: {Serial(i)}", $"id: {KeyId(i)}" }));
        var authority = Path.Combine(folder, "ca.pub");
        await using (var db = databases.CreateDbContext())
            await File.WriteAllTextAsync(authority, (await db.SshAuthorities.FirstAsync()).PublicKey);

        var (ours, theirs) = (new List<double>(), new List<double>());
        using var list = new RevocationList(databases, TimeProvider.System);
        for (var round = 0; round <= Rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            await list.RebuildAsync(CancellationToken.None);
            ours.Add(watch.Elapsed.TotalMilliseconds);
            watch.Restart();
            using (var tool = Process.Start("ssh-keygen", ["-q", "-k", "-f", Path.Combine(folder, "list"), "-s", authority, specification]))
                await tool.WaitForExitAsync();
            theirs.Add(watch.Elapsed.TotalMilliseconds);
        }

        SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
        var (one, other) = (Run.Median(ours.Skip(1)), Run.Median(theirs.Skip(1)));
        return new(
            $"revocation list of {Entries} certificates from the database, against ssh-keygen -k", one / other, "", true,
            string.Create(CultureInfo.InvariantCulture, $"{one:0.0} against {other:0.0} ms, {list.Current!.Bytes.Length / 1024} KB"));
    }

    private static async Task FillAsync(Databases databases)
    {
        await using var db = databases.CreateDbContext();
        var now = TimeProvider.System.GetUtcNow();
        var authority = await db.SshAuthorities.FirstOrDefaultAsync();
        if (authority is null)
            db.Add(authority = new SshAuthority { Fingerprint = "SHA256:none", PublicKey = PublicKey, CurrentSince = now });
        for (var i = 0; i < Entries; i++)
        {
            var id = Guid.CreateVersion7(now);
            var credential = new Credential
            {
                Id = id, Kind = CredentialKind.SshCertificate, OwnerId = Guid.Empty, OwnerLogin = "bob", TeamId = Guid.Empty, TeamName = "on-call", GrantId = Guid.Empty,
                Role = Role, Target = "hosts", Reason = "benchmark", RequestKey = $"{i}", IssuedAt = now, ExpiresAt = now.AddHours(8), LatestEnd = now.AddHours(8),
            };
            credential.StartRevoking("bob", now);
            credential.End(CredentialState.Revoked, "bob", now);
            db.Add(new IssuedCertificate
            {
                CredentialId = id, Credential = credential, KeyId = KeyId(i), KeyFingerprint = "SHA256:none", AuthorityFingerprint = authority.Fingerprint, Serial = Serial(i),
            });
        }

        await db.SaveChangesAsync();
    }

    // Spread over all 64 bits, as Vault's are.
    private static ulong Serial(int i) => unchecked(((ulong)i + 1) * 0x9E3779B97F4A7C15);

    private static string KeyId(int i) => $"bob:{i:00000000}-0000-7000-8000-000000000000";

    private sealed class Databases(string file) : IDbContextFactory<PortalDb>
    {
        private readonly DbContextOptions<PortalDb> _options = new DbContextOptionsBuilder<PortalDb>().UseSqlite($"Data Source={file};Foreign Keys=False").Options;

        public PortalDb CreateDbContext() => new(_options);
    }
}
