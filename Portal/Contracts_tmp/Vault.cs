using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Portal.Vault;

public enum VaultRole { SignIn, Databases, Audit, Health, Admin }

public enum VaultFailure { Unreachable, Sealed, Denied, Invalid, Unexpected }

public sealed class VaultException(VaultFailure failure, string path, int? status = null, IReadOnlyList<string>? errors = null) : Exception($"{failure} {path}")
{
    public VaultFailure Failure => failure;
    public string Path => path;
    public int? Status => status;
    public IReadOnlyList<string> Errors => errors ?? [];
}

public sealed record OnBehalfOf(string User, Guid? Credential = null);

public sealed record CredentialToken(string Token, string Accessor, TimeSpan Ttl);

public sealed record DatabaseLogin(string Username, string Password, string LeaseId, TimeSpan LeaseDuration);

public sealed class TransitEngine
{
    public Task<string> EncryptAsync(VaultRole role, string key, byte[] plaintext, CancellationToken ct) => Task.FromResult(Convert.ToBase64String(plaintext));
    public Task<byte[]> DecryptAsync(VaultRole role, string key, string ciphertext, CancellationToken ct) => Task.FromResult(Convert.FromBase64String(ciphertext));
}

/// <summary>What the demonstration pretends.</summary>
public sealed class Demo
{
    public VaultFailure? Vault { get; set; }
    public bool RevokeFails { get; set; }
    public TimeSpan Slow { get; set; } = TimeSpan.FromMilliseconds(400);
    public bool SignedOut { get; set; }
    public bool ListsFail { get; set; }
    public bool ListsHang { get; set; }
    public bool Stale { get; set; }
    public bool DropAnswer { get; set; }

    public async Task VaultAsync(string path, CancellationToken ct)
    {
        await Task.Delay(Slow, ct);
        if (Vault is { } failure)
            throw new VaultException(failure, path);
    }
}

public sealed class DatabaseEngine(Demo demo)
{
    private readonly ConcurrentDictionary<string, bool> _live = new();

    public async Task<CredentialToken> CreateTokenAsync(string role, TimeSpan ttl, OnBehalfOf who, CancellationToken ct)
    {
        await demo.VaultAsync("token", ct);
        var accessor = Hex();
        _live[accessor] = true;
        return new CredentialToken(Hex(), accessor, ttl);
    }

    public async Task<DatabaseLogin> ReadCredentialsAsync(string role, CredentialToken token, OnBehalfOf who, CancellationToken ct)
    {
        await demo.VaultAsync("creds", ct);
        var lease = $"portal-db/creds/{role}/{Hex()}";
        _live[lease] = true;
        return new DatabaseLogin($"v-{who.User}-{role}-{Hex()[..12]}-1795000000", $"{Hex()[..10]}-{Hex()[..9]}", lease, TimeSpan.FromMinutes(1));
    }

    public Task<TimeSpan> RenewLeaseAsync(string leaseId, TimeSpan increment, OnBehalfOf who, CancellationToken ct) => Task.FromResult(increment);

    public async Task<TimeSpan> RenewTokenAsync(string accessor, TimeSpan increment, OnBehalfOf who, CancellationToken ct)
    {
        await demo.VaultAsync("renew", ct);
        return increment;
    }

    public async Task RevokeLeaseAsync(string leaseId, OnBehalfOf who, CancellationToken ct)
    {
        await demo.VaultAsync("revoke", ct);
        if (demo.RevokeFails)
            throw new VaultException(VaultFailure.Invalid, "revoke", 400, ["failed to revoke entry: failed to find role: dial tcp 10.0.0.7:5432: connect: connection refused"]);
        _live.TryRemove(leaseId, out _);
    }

    public Task RevokeTokenAsync(string accessor, OnBehalfOf who, CancellationToken ct)
    {
        _live.TryRemove(accessor, out _);
        return Task.CompletedTask;
    }

    public Task<bool> LeaseExistsAsync(string leaseId, CancellationToken ct) => Task.FromResult(_live.ContainsKey(leaseId));
    public Task<bool> TokenExistsAsync(string accessor, CancellationToken ct) => Task.FromResult(_live.ContainsKey(accessor));

    private static string Hex() => RandomNumberGenerator.GetHexString(20, true);
}

public static class VaultFeature
{
    public static IServiceCollection AddVault(this IServiceCollection services) =>
        services.AddSingleton<Demo>().AddSingleton<TransitEngine>().AddSingleton<DatabaseEngine>().AddSingleton(TimeProvider.System);
}

public static class SetupVault
{
    public static Task<int> RunAsync(string[] args, IConfiguration configuration, TextWriter output, TextWriter error, CancellationToken ct) => Task.FromResult(1);
}
