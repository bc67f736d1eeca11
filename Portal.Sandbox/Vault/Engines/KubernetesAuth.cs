using System.Collections.Concurrent;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>Lets service accounts in that the cluster's API server vouches for.</summary>
internal sealed class KubernetesAuth : Engine
{
    private readonly TokenStore _tokens;
    private readonly ConcurrentDictionary<string, KubernetesRole> _roles = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _entities = new(StringComparer.Ordinal);
    private volatile TokenReviews? _reviews;

    public KubernetesAuth(TokenStore tokens)
    {
        _tokens = tokens;
        Paths.On("config").Read(_ => _reviews is { } reviews ? Answer.Of(reviews.Config.Describe()) : null).Write(Configure);
        Paths.On("role").List(_ => Answer.Keys(_roles.Keys));
        Paths.On("role/{name}").Exists(request => _roles.ContainsKey(request.Captured["name"])).Read(ReadRole).Write(WriteRole).Delete(DeleteRole);
        Paths.On("login").Write(LoginAsync);
    }

    public override bool IsPublic(string path) => path == "login";

    public override ValueTask DisposeAsync()
    {
        _reviews?.Dispose();
        return base.DisposeAsync();
    }

    private Answer? Configure(VaultRequest request)
    {
        var reviews = new TokenReviews(KubernetesConfig.Read(request.Fields));
        Interlocked.Exchange(ref _reviews, reviews)?.Dispose();
        return null;
    }

    private Answer? ReadRole(VaultRequest request) => _roles.TryGetValue(request.Captured["name"], out var role) ? Answer.Of(role.Describe()) : null;

    private Answer? WriteRole(VaultRequest request)
    {
        var name = request.Captured["name"];
        _roles[name] = KubernetesRole.Read(request.Fields, _roles.GetValueOrDefault(name));
        return null;
    }

    private Answer? DeleteRole(VaultRequest request)
    {
        _roles.TryRemove(request.Captured["name"], out _);
        return null;
    }

    private async Task<Answer?> LoginAsync(VaultRequest request)
    {
        var (name, jwt) = (request.Fields.Text("role"), request.Fields.Text("jwt"));
        if (name.Length == 0)
            throw VaultError.Invalid("missing role");
        if (jwt.Length == 0)
            throw VaultError.Invalid("missing jwt");
        if (!_roles.TryGetValue(name, out var role))
            throw VaultError.Invalid($"invalid role name \"{name}\"");
        var reviews = _reviews ?? throw new VaultError(500, "could not load backend configuration");
        var account = ServiceAccount.Read(jwt);
        role.RequireFit(account);
        // What the API server said stays between it and Vault's log.
        if (!await reviews.VouchesForAsync(jwt, account, role.Audience))
            throw new VaultError(403, "permission denied");
        var token = _tokens.Login(request, Terms(name, role, account));
        return new Answer { Token = token };
    }

    private LoginTerms Terms(string name, KubernetesRole role, ServiceAccount account) => new()
    {
        DisplayName = $"{account.Namespace}-{account.Name}",
        Policies = role.Policies,
        HasNoDefaultPolicy = role.HasNoDefaultPolicy,
        Meta = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["role"] = name,
            ["service_account_name"] = account.Name,
            ["service_account_namespace"] = account.Namespace,
            ["service_account_secret_name"] = account.SecretName,
            ["service_account_uid"] = account.Uid,
        },
        EntityId = _entities.GetOrAdd(account.Uid, _ => Secrets.Uuid()),
        Type = role.TokenType == "batch" ? TokenType.Batch : TokenType.Service,
        Ttl = role.Ttl,
        MaxTtl = role.MaxTtl,
        ExplicitMaxTtl = role.ExplicitMaxTtl,
        Period = role.Period,
        Uses = role.Uses,
        Current = () => _roles.TryGetValue(name, out var now)
            ? Terms(name, now, account) with { Current = null }
            : throw VaultError.Invalid($"role {name} does not exist during renewal"),
    };
}
