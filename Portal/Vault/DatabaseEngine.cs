using System.Globalization;

namespace Portal.Vault;

/// <summary>A token that carries one credential: when it ends, the credential ends.</summary>
/// <param name="Accessor">Vault's handle of it. Gives no access, but ends it.</param>
public sealed record CredentialToken(string Token, string Accessor, TimeSpan Ttl)
{
    public override string ToString() => $"credential token for {Ttl}";
}

public sealed record DatabaseLogin(string Username, string Password, string LeaseId, TimeSpan LeaseDuration)
{
    public override string ToString() => $"database login {Username} for {LeaseDuration}";
}

/// <summary>
/// Vault's database engine at the portal's mount, and the tokens and leases that its credentials hang on.
/// Calls are made as <see cref="VaultRole.Databases"/>, but credentials are read with the credential's own token.
/// </summary>
public sealed class DatabaseEngine(VaultClient vault, VaultTransport transport, VaultNames names)
{
    private const string RenewLeasePath = "sys/leases/renew";
    private const string RenewTokenPath = "auth/token/renew-accessor";

    /// <param name="role">Name of the database role.</param>
    /// <param name="ttl">Whole seconds count.</param>
    public async Task<CredentialToken> CreateTokenAsync(string role, TimeSpan ttl, OnBehalfOf who, CancellationToken cancellationToken)
    {
        var path = VaultPath.Of("auth/token/create", VaultPath.Name(names.DatabaseToken(role)));
        var meta = new Dictionary<string, string> { ["user"] = who.User };
        if (who.Credential is { } credential)
            meta["credential"] = credential.ToString();
        // No policy is named: the token role has exactly one.
        var body = VaultJson.Write(new TokenBody(who.User, meta, Duration(ttl), Renewable: true), VaultJson.Default.TokenBody);
        var auth = await AuthAsync(path, body, who, cancellationToken);
        return auth is { ClientToken.Length: > 0, Accessor.Length: > 0 }
            ? new CredentialToken(auth.ClientToken, auth.Accessor, TimeSpan.FromSeconds(auth.LeaseDuration))
            : throw VaultErrors.NotUnderstood(path);
    }

    public async Task<DatabaseLogin> ReadCredentialsAsync(string role, CredentialToken token, OnBehalfOf who, CancellationToken cancellationToken)
    {
        var path = VaultPath.Of(names.Database, "creds", VaultPath.Name(role));
        var answer = await transport.SendAsync(new VaultRequest(HttpMethod.Get, path, Who: who), token.Token, cancellationToken) ?? [];
        var lease = VaultJson.Read(path, answer, VaultJson.Default.LeaseAnswer);
        var data = VaultJson.Read(path, answer, VaultJson.Default.AnswerDatabaseCredentialsData).Data;
        return data is { Username.Length: > 0, Password.Length: > 0 } && lease.LeaseId is { Length: > 0 }
            ? new DatabaseLogin(data.Username, data.Password, lease.LeaseId, TimeSpan.FromSeconds(lease.LeaseDuration))
            : throw VaultErrors.NotUnderstood(path);
    }

    /// <returns>What Vault granted from now: less than asked near the role's longest.</returns>
    public async Task<TimeSpan> RenewLeaseAsync(string leaseId, TimeSpan increment, OnBehalfOf who, CancellationToken cancellationToken)
    {
        var body = VaultJson.Write(new LeaseBody(leaseId, Increment: Seconds(increment)), VaultJson.Default.LeaseBody);
        var answer = await SendAsync(RenewLeasePath, body, who, cancellationToken);
        return TimeSpan.FromSeconds(VaultJson.Read(RenewLeasePath, answer, VaultJson.Default.LeaseAnswer).LeaseDuration);
    }

    /// <returns>What Vault granted from now.</returns>
    public async Task<TimeSpan> RenewTokenAsync(string accessor, TimeSpan increment, OnBehalfOf who, CancellationToken cancellationToken)
    {
        var body = VaultJson.Write(new AccessorBody(accessor, Duration(increment)), VaultJson.Default.AccessorBody);
        return TimeSpan.FromSeconds((await AuthAsync(RenewTokenPath, body, who, cancellationToken)).LeaseDuration);
    }

    /// <summary>Ends the lease and its database user, at once. Already gone is fine.</summary>
    /// <exception cref="VaultException">Also while Vault cannot reach the database.</exception>
    public Task RevokeLeaseAsync(string leaseId, OnBehalfOf who, CancellationToken cancellationToken) =>
        SendAsync("sys/leases/revoke", VaultJson.Write(new LeaseBody(leaseId, Sync: true), VaultJson.Default.LeaseBody), who, cancellationToken);

    /// <summary>Ends the token, and behind it every lease it asked for. Already gone is fine.</summary>
    public async Task RevokeTokenAsync(string accessor, OnBehalfOf who, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync("auth/token/revoke-accessor", Accessor(accessor), who, cancellationToken);
        }
        catch (VaultException failure) when (IsGone(failure))
        {
        }
    }

    public Task<bool> LeaseExistsAsync(string leaseId, CancellationToken cancellationToken) =>
        ExistsAsync("sys/leases/lookup", VaultJson.Write(new LeaseBody(leaseId), VaultJson.Default.LeaseBody), cancellationToken);

    public Task<bool> TokenExistsAsync(string accessor, CancellationToken cancellationToken) =>
        ExistsAsync("auth/token/lookup-accessor", Accessor(accessor), cancellationToken);

    private async Task<bool> ExistsAsync(string path, byte[] body, CancellationToken cancellationToken)
    {
        try
        {
            return await vault.SendAsync(VaultRole.Databases, new VaultRequest(HttpMethod.Post, path, body), cancellationToken) is not null;
        }
        catch (VaultException failure) when (IsGone(failure))
        {
            return false;
        }
    }

    // 400 here; newer servers say the same with 403 or 404.
    private static bool IsGone(VaultException failure) =>
        VaultErrors.Says(failure.Errors, "invalid accessor")
        || VaultErrors.Says(failure.Errors, "invalid lease")
        || VaultErrors.Says(failure.Errors, "lease not found");

    private async Task<AuthData> AuthAsync(string path, byte[] body, OnBehalfOf who, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(path, body, who, cancellationToken);
        return VaultJson.Read(path, answer, VaultJson.Default.AuthAnswer).Auth ?? throw VaultErrors.NotUnderstood(path);
    }

    private async Task<byte[]> SendAsync(string path, byte[] body, OnBehalfOf who, CancellationToken cancellationToken) =>
        await vault.SendAsync(VaultRole.Databases, new VaultRequest(HttpMethod.Post, path, body, who), cancellationToken) ?? [];

    private static byte[] Accessor(string accessor) => VaultJson.Write(new AccessorBody(accessor), VaultJson.Default.AccessorBody);

    private static long Seconds(TimeSpan duration) => (long)duration.TotalSeconds;

    private static string Duration(TimeSpan duration) => string.Create(CultureInfo.InvariantCulture, $"{Seconds(duration)}s");
}
