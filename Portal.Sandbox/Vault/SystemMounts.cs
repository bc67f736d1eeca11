using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary><c>sys/mounts</c>, <c>sys/auth</c> and what the user interface asks of mounts.</summary>
internal sealed class SystemMounts(VaultCore core)
{
    public void AddPaths(PathTable paths)
    {
        paths.On("mounts").Read(_ => Answer.Flat(Table(isAuth: false)));
        paths.On("auth").Read(_ => Answer.Flat(Table(isAuth: true)));
        paths.On("mounts/auth/{path*}/tune").Read(request => Tuning(Auth(request))).Write(request => Tune(request, Auth(request)));
        paths.On("mounts/{path*}/tune").Read(request => Tuning(Secrets(request))).Write(request => Tune(request, Secrets(request)));
        paths.On("auth/{path*}/tune").Read(request => Tuning(Auth(request))).Write(request => Tune(request, Auth(request)));
        paths.On("mounts/{path*}").Read(request => One(Secrets(request))).Write(request => Enable(request, isAuth: false)).Delete(request => DisableAsync(Secrets(request)));
        paths.On("auth/{path*}").Read(request => One(Auth(request))).Write(request => Enable(request, isAuth: true)).Delete(request => DisableAsync(Auth(request)));
        paths.On("internal/ui/mounts").Read(Visible);
        paths.On("internal/ui/mounts/{path*}").Read(Shown);
    }

    private static string Slashed(string path) => path.TrimEnd('/') + '/';

    private Mount? Secrets(VaultRequest request) => core.Mounts.At(Slashed(request.Captured["path"]));

    private Mount? Auth(VaultRequest request) => core.Mounts.At($"auth/{Slashed(request.Captured["path"])}");

    private IEnumerable<Mount> Mounts(bool isAuth) => core.Mounts.All.Where(mount => mount.Path.StartsWith("auth/", StringComparison.Ordinal) == isAuth);

    private JsonObject Table(bool isAuth) =>
        new([.. Mounts(isAuth).Select(mount => KeyValuePair.Create(isAuth ? mount.Path["auth/".Length..] : mount.Path, (JsonNode?)Described(mount, mount.DefaultLeaseTtl, mount.MaxLeaseTtl)))]);

    private static Answer One(Mount? mount) => mount is null
        ? throw VaultError.Invalid("no mount at this path")
        : Answer.Of(Described(mount, mount.DefaultLeaseTtl, mount.MaxLeaseTtl));

    private static JsonObject Described(Mount mount, TimeSpan defaultTtl, TimeSpan maxTtl)
    {
        var config = new JsonObject
        {
            ["default_lease_ttl"] = (long)defaultTtl.TotalSeconds,
            ["force_no_cache"] = false,
            ["max_lease_ttl"] = (long)maxTtl.TotalSeconds,
        };
        if (mount.Path.StartsWith("auth/", StringComparison.Ordinal))
            config["token_type"] = "default-service";
        return new JsonObject
        {
            ["accessor"] = mount.Accessor,
            ["config"] = config,
            ["description"] = mount.Description,
            ["external_entropy_access"] = false,
            ["local"] = mount.IsLocal,
            ["options"] = mount.Options?.DeepClone(),
            ["seal_wrap"] = mount.IsSealWrapped,
            ["type"] = mount.Type,
            ["uuid"] = mount.Uuid,
        };
    }

    private Answer? Enable(VaultRequest request, bool isAuth)
    {
        var (fields, path) = (request.Fields, (isAuth ? "auth/" : "") + Slashed(request.Captured["path"]));
        if (!isAuth && path.StartsWith("auth/", StringComparison.Ordinal))
            throw VaultError.Invalid("cannot mount under existing mount \"auth/\"");
        if (fields.Text("type") is not { Length: > 0 } type)
            throw VaultError.Invalid("backend type must be specified as a string");
        var (options, config) = (fields.Map("options"), fields.Body["config"] as JsonObject);
        var limits = new Fields(config ?? []);
        core.Mounts.Add(new Mount(path, type == "kv-v2" ? "kv" : type, isAuth ? core.EngineTypes.CreateAuth(type) : core.EngineTypes.CreateSecrets(type, options))
        {
            Description = fields.Text("description"),
            Options = type == "kv-v2" ? new JsonObject { ["version"] = "2" } : Json.Map(options),
            IsLocal = fields.Flag("local"),
            IsSealWrapped = fields.Flag("seal_wrap"),
            DefaultLeaseTtl = limits.Span("default_lease_ttl"),
            MaxLeaseTtl = limits.Span("max_lease_ttl"),
        });
        return null;
    }

    /// <summary>Unmounting revokes what the mount gave out, and fails when that fails.</summary>
    private async Task<Answer?> DisableAsync(Mount? mount)
    {
        if (mount is null)
            return null;
        if (mount.Path is "sys/" or "auth/token/" or "cubbyhole/")
            throw VaultError.Invalid($"cannot unmount \"{mount.Path}\"");
        core.Tokens.RevokeFrom(mount.Path);
        foreach (var lease in core.Leases.Below(mount.Path))
            await core.Leases.RevokeAsync(lease);
        core.Mounts.Remove(mount);
        await mount.Engine.DisposeAsync();
        return null;
    }

    private static Answer Tuning(Mount? mount)
    {
        if (mount is null)
            throw VaultError.Invalid("cannot fetch sysview for path");
        var data = new JsonObject
        {
            ["description"] = mount.Description,
            ["default_lease_ttl"] = (long)mount.Limits.MountDefault.TotalSeconds,
            ["max_lease_ttl"] = (long)mount.Limits.MountMaximum.TotalSeconds,
            ["force_no_cache"] = false,
        };
        if (mount.Path.StartsWith("auth/", StringComparison.Ordinal))
            data["token_type"] = "default-service";
        if (mount.Options is { Count: > 0 } options)
            data["options"] = options.DeepClone();
        return Answer.Flat(data);
    }

    private static Answer? Tune(VaultRequest request, Mount? mount)
    {
        if (mount is null)
            throw VaultError.Invalid("no mount entry found");
        var fields = request.Fields;
        var (defaultTtl, maxTtl) = (fields.Span("default_lease_ttl", mount.DefaultLeaseTtl), fields.Span("max_lease_ttl", mount.MaxLeaseTtl));
        if (maxTtl > TimeSpan.Zero && defaultTtl > maxTtl)
            throw VaultError.Invalid($"backend max lease TTL of {(long)maxTtl.TotalSeconds} would be less than backend default lease TTL of {(long)defaultTtl.TotalSeconds}");
        (mount.DefaultLeaseTtl, mount.MaxLeaseTtl) = (defaultTtl, maxTtl);
        mount.Description = fields.Text("description", mount.Description);
        return null;
    }

    /// <summary>The mounts that the asker's policies reach; nothing for a stranger.</summary>
    private Answer Visible(VaultRequest request)
    {
        var acl = core.Tokens.Find(request.ClientToken ?? "") is { } token ? core.Policies.AclOf(token.Policies) : null;
        JsonObject Reachable(bool isAuth) => new([.. Mounts(isAuth)
            .Where(mount => acl?.Reaches(mount.Path) == true)
            .Select(mount => KeyValuePair.Create(
                isAuth ? mount.Path["auth/".Length..] : mount.Path,
                (JsonNode?)new JsonObject { ["description"] = mount.Description, ["options"] = mount.Options?.DeepClone(), ["type"] = mount.Type }))]);
        return Answer.Of(new JsonObject { ["auth"] = Reachable(true), ["secret"] = Reachable(false) });
    }

    private Answer Shown(VaultRequest request)
    {
        if (core.Tokens.Find(request.ClientToken ?? "") is not { } token)
            throw new VaultError(403, "permission denied");
        var mount = core.Mounts.Find(request.Captured["path"]);
        if (mount is null || !core.Policies.AclOf(token.Policies).Reaches(mount.Path))
            throw new VaultError(403, $"preflight capability check returned 403, please ensure client's policies grant access to path \"{Slashed(request.Captured["path"])}\"");
        var data = Described(mount, mount.Limits.MountDefault, mount.Limits.MountMaximum);
        data["path"] = mount.Path;
        return Answer.Of(data);
    }
}
