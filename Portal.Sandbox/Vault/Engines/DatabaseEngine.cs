using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>Users on database servers, made for the asker and ended with their lease.</summary>
internal sealed class DatabaseEngine : Engine
{
    // Vault computes the end twice: the user must not end before the lease.
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, DatabaseConnection> _connections = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DatabaseRole> _roles = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _configuring = new(1);
    private readonly TimeProvider _time;

    public DatabaseEngine(TimeProvider time)
    {
        _time = time;
        Paths.On("config").List(_ => Answer.Keys(_connections.Keys));
        Paths.On("config/{name}").Exists(request => _connections.ContainsKey(request.Captured["name"]))
            .Read(request => _connections.TryGetValue(request.Captured["name"], out var connection) ? Answer.Of(connection.Describe()) : null)
            .Write(ConfigureAsync)
            .Delete(DeleteConfigAsync);
        Paths.On("roles").List(_ => Answer.Keys(_roles.Keys));
        Paths.On("roles/{name}").Exists(request => _roles.ContainsKey(request.Captured["name"]))
            .Read(request => _roles.TryGetValue(request.Captured["name"], out var role) ? Answer.Of(role.Describe()) : null)
            .Write(WriteRole)
            .Delete(DeleteRole);
        Paths.On("creds/{name}").Read(CredentialsAsync);
        Paths.On("reset/{name}").Write(ResetAsync);
        Paths.On("rotate-root/{name}").Write(RotateRootAsync);
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Values)
            await connection.DisposeAsync();
        await base.DisposeAsync();
    }

    private async Task<Answer?> ConfigureAsync(VaultRequest request)
    {
        var name = request.Captured["name"];
        await _configuring.WaitAsync();
        try
        {
            var before = _connections.GetValueOrDefault(name);
            var after = await DatabaseConnection.OpenAsync(request.Body, before);
            _connections[name] = after;
            if (before is not null)
                await before.DisposeAsync();
            return new Answer();
        }
        finally
        {
            _configuring.Release();
        }
    }

    private async Task<Answer?> DeleteConfigAsync(VaultRequest request)
    {
        if (_connections.TryRemove(request.Captured["name"], out var connection))
            await connection.DisposeAsync();
        return null;
    }

    private Answer? WriteRole(VaultRequest request)
    {
        var name = request.Captured["name"];
        _roles[name] = DatabaseRole.Read(request.Fields, _roles.GetValueOrDefault(name));
        return null;
    }

    private Answer? DeleteRole(VaultRequest request)
    {
        _roles.TryRemove(request.Captured["name"], out _);
        return null;
    }

    private async Task<Answer?> ResetAsync(VaultRequest request)
    {
        if (!_connections.TryGetValue(request.Captured["name"], out var connection))
            throw VaultError.Fault($"failed to find entry for connection with name: \"{request.Captured["name"]}\"");
        await connection.ResetAsync();
        return null;
    }

    private async Task<Answer?> RotateRootAsync(VaultRequest request)
    {
        if (!_connections.TryGetValue(request.Captured["name"], out var connection))
            throw VaultError.Fault($"failed to find entry for connection with name: \"{request.Captured["name"]}\"");
        try
        {
            await connection.RotateAsync();
            return null;
        }
        catch (DatabaseFailure e)
        {
            throw VaultError.Fault(e.Message);
        }
    }

    private async Task<Answer?> CredentialsAsync(VaultRequest request)
    {
        var name = request.Captured["name"];
        if (!_roles.TryGetValue(name, out var role))
            throw VaultError.Invalid($"unknown role: {name}");
        if (!_connections.TryGetValue(role.Database, out var connection))
            throw VaultError.Fault($"failed to find entry for connection with name: \"{role.Database}\"");
        if (!connection.Allows(name))
            throw VaultError.Fault($"\"{name}\" is not an allowed role");
        var (ttl, _) = Ttl.Calculate(request.Mount.Limits with { Default = role.DefaultTtl, Maximum = role.MaxTtl }, _time.GetUtcNow());
        var password = Secrets.Password();
        try
        {
            var user = new NewUser(request.Token!.DisplayName, name, password, _time.GetUtcNow() + ttl + s_margin, role.Creation);
            var username = await connection.UseAsync(plugin => plugin.CreateUserAsync(user));
            return new Answer
            {
                Data = new JsonObject { ["username"] = username, ["password"] = password },
                LeaseTerms = Terms(name, role, username),
            };
        }
        catch (DatabaseFailure e)
        {
            throw VaultError.Fault(e.Message);
        }
    }

    private LeaseTerms Terms(string name, DatabaseRole role, string username) => new()
    {
        Ttl = role.DefaultTtl,
        MaxTtl = role.MaxTtl,
        Renew = (lease, increment) => RenewAsync(name, username, lease, increment),
        // The role as it is then; when it is gone, as it was.
        Revoke = () => Connection(role.Database).UseAsync(plugin => plugin.RemoveUserAsync(username, _roles.GetValueOrDefault(name, role).Revocation)),
    };

    private async Task<LeaseTerms> RenewAsync(string name, string username, Lease lease, TimeSpan increment)
    {
        if (!_roles.TryGetValue(name, out var role))
            throw new DatabaseFailure($"error during renew: could not find role with name \"{name}\"");
        var now = _time.GetUtcNow();
        var (ttl, _) = Ttl.Calculate(
            lease.Mount.Limits with { Increment = increment, Default = role.DefaultTtl, Maximum = role.MaxTtl, Start = lease.Issued }, now);
        await Connection(role.Database).UseAsync(plugin => plugin.RenewUserAsync(username, now + ttl + s_margin, role.Renewal));
        return Terms(name, role, username);
    }

    private DatabaseConnection Connection(string name) => _connections.TryGetValue(name, out var connection)
        ? connection
        : throw new DatabaseFailure($"failed to find entry for connection with name: \"{name}\"");
}
