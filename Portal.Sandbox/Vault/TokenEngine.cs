using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary><c>auth/token/</c>: looking up, renewing and revoking; making is <see cref="TokenMaking"/>'s.</summary>
internal sealed class TokenEngine : Engine
{
    private readonly VaultCore _core;

    public TokenEngine(VaultCore core)
    {
        _core = core;
        var roles = new TokenRoles();
        var making = new TokenMaking(core, roles);
        Paths.On("create").Write(request => making.Make(request, null, isOrphan: false));
        Paths.On("create-orphan").Write(request => making.Make(request, null, isOrphan: true));
        Paths.On("create/{role}").Write(request => making.Make(request, request.Captured["role"], isOrphan: false));
        roles.AddPaths(Paths);
        Paths.On("lookup-self").Read(request => LookUp(request.Token!)).Write(request => LookUp(request.Token!));
        Paths.On("lookup").Write(request => LookUp(Named(request)))
            .Read(request => LookUp(request.Fields.Has("token") ? Named(request) : request.Token!));
        Paths.On("lookup-accessor").Write(request => LookUp(ByAccessor(request), hidesToken: true));
        Paths.On("renew-self").Write(request => Renew(request, request.Token!));
        Paths.On("renew").Write(request => Renew(request, Find(request) ?? throw VaultError.Invalid("token not found")));
        Paths.On("renew-accessor").Write(request => Renew(request, ByAccessor(request), hidesToken: true));
        Paths.On("revoke-self").Write(request => Revoke(request.Token));
        Paths.On("revoke").Write(request => Revoke(Find(request)));
        Paths.On("revoke-accessor").Write(request => Revoke(ByAccessor(request)));
        Paths.On("revoke-orphan").Write(RevokeOrphan);
        Paths.On("accessors").List(_ => Answer.Keys(core.Tokens.Accessors));
    }

    public override bool NeedsSudo(string path) =>
        path.StartsWith("accessors", StringComparison.Ordinal) || path.StartsWith("revoke-orphan", StringComparison.Ordinal);

    private TokenEntry? Find(VaultRequest request) => request.Fields.Text("token") is { Length: > 0 } id
        ? _core.Tokens.Find(id)
        : throw VaultError.Invalid("missing token ID");

    private TokenEntry Named(VaultRequest request) => Find(request) ?? throw new VaultError(403, "bad token");

    private TokenEntry ByAccessor(VaultRequest request) => request.Fields.Text("accessor") is { Length: > 0 } accessor
        ? _core.Tokens.FindByAccessor(accessor) ?? throw VaultError.Fault("invalid accessor", 400)
        : throw VaultError.Fault("missing accessor", 400);

    private Answer LookUp(TokenEntry token, bool hidesToken = false)
    {
        var data = new JsonObject
        {
            ["id"] = hidesToken ? "" : token.Id,
            ["accessor"] = token.Accessor,
            ["policies"] = Json.Strings(token.Policies),
            ["path"] = token.Path,
            ["meta"] = Json.Map(token.Meta),
            ["display_name"] = token.DisplayName,
            ["num_uses"] = token.Uses,
            ["orphan"] = token.IsOrphan,
            ["creation_time"] = token.Created.ToUnixTimeSeconds(),
            ["creation_ttl"] = (long)token.CreationTtl.TotalSeconds,
            ["expire_time"] = token.Expires is { } expires ? Json.Time(expires) : null,
            ["ttl"] = token.Expires is { } end ? (long)Math.Max(0, (end - _core.Time.GetUtcNow()).TotalSeconds) : 0,
            ["explicit_max_ttl"] = (long)token.ExplicitMaxTtl.TotalSeconds,
            ["entity_id"] = token.EntityId,
            ["type"] = token.Type == TokenType.Batch ? "batch" : "service",
        };
        if (token.Role is not null)
            data["role"] = token.Role;
        if (token.Period > TimeSpan.Zero)
            data["period"] = (long)token.Period.TotalSeconds;
        if (token.Expires is not null)
        {
            data["issue_time"] = Json.Time(token.Created);
            data["renewable"] = token.IsRenewable;
        }

        if (token.Renewed is { } renewed)
        {
            data["last_renewal"] = Json.Time(renewed);
            data["last_renewal_time"] = renewed.ToUnixTimeSeconds();
        }

        return Answer.Of(data);
    }

    private Answer Renew(VaultRequest request, TokenEntry token, bool hidesToken = false)
    {
        // The login's mount holds for a login's token, when it is still there.
        var mount = _core.Mounts.Find(token.Path) ?? request.Mount;
        var warnings = _core.Tokens.Renew(token, mount, request.Fields.Span("increment"));
        return new Answer { Token = token, HidesToken = hidesToken, Warnings = warnings };
    }

    private Answer? Revoke(TokenEntry? token)
    {
        if (token is not null)
            _core.Tokens.Revoke(token);
        return null;
    }

    private Answer? RevokeOrphan(VaultRequest request)
    {
        if (Find(request) is { } token)
            _core.Tokens.RevokeAlone(token);
        return null;
    }
}
