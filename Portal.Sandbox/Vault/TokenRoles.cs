using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary>What a token role says. Zero spans mean not said.</summary>
internal sealed record TokenRole(string Name)
{
    public IReadOnlyList<string> AllowedPolicies { get; init; } = [];

    public IReadOnlyList<string> DisallowedPolicies { get; init; } = [];

    public bool IsOrphan { get; init; }

    public bool IsRenewable { get; init; } = true;

    public string PathSuffix { get; init; } = "";

    public TimeSpan ExplicitMaxTtl { get; init; }

    public TimeSpan Period { get; init; }

    public int Uses { get; init; }

    public bool HasNoDefaultPolicy { get; init; }

    public string TokenType { get; init; } = "default-service";
}

/// <summary><c>auth/token/roles/</c></summary>
internal sealed class TokenRoles
{
    private readonly ConcurrentDictionary<string, TokenRole> _roles = new(StringComparer.Ordinal);

    public TokenRole? Find(string name) => _roles.GetValueOrDefault(name);

    public void AddPaths(PathTable paths)
    {
        paths.On("roles").List(_ => Answer.Keys(_roles.Keys));
        paths.On("roles/{role}").Exists(request => _roles.ContainsKey(request.Captured["role"])).Read(Read).Write(Write).Delete(Delete);
    }

    private Answer? Read(VaultRequest request)
    {
        if (Find(request.Captured["role"]) is not { } role)
            return null;
        var data = new JsonObject
        {
            ["allowed_entity_aliases"] = null,
            ["allowed_policies"] = Json.Strings(role.AllowedPolicies),
            ["disallowed_policies"] = Json.Strings(role.DisallowedPolicies),
            ["explicit_max_ttl"] = 0,
            ["name"] = role.Name,
            ["orphan"] = role.IsOrphan,
            ["path_suffix"] = role.PathSuffix,
            ["period"] = 0,
            ["renewable"] = role.IsRenewable,
            ["token_explicit_max_ttl"] = (long)role.ExplicitMaxTtl.TotalSeconds,
            ["token_period"] = (long)role.Period.TotalSeconds,
            ["token_type"] = role.TokenType,
            ["token_no_default_policy"] = role.HasNoDefaultPolicy,
        };
        if (role.Uses > 0)
            data["token_num_uses"] = role.Uses;
        return Answer.Of(data);
    }

    private Answer? Write(VaultRequest request)
    {
        var (name, fields) = (request.Captured["role"], request.Fields);
        var before = Find(name) ?? new TokenRole(name);
        IReadOnlyList<string> Names(string field, IReadOnlyList<string> otherwise) => fields.Has(field) ? Policies.Clean(fields.List(field), false) : otherwise;
        var type = fields.Text("token_type", before.TokenType);
        if (type is not ("default-service" or "default-batch" or "service" or "batch" or "default"))
            throw VaultError.Invalid($"invalid 'token_type' value \"{type}\"");
        _roles[name] = new TokenRole(name)
        {
            AllowedPolicies = Names("allowed_policies", before.AllowedPolicies),
            DisallowedPolicies = Names("disallowed_policies", before.DisallowedPolicies),
            IsOrphan = fields.Flag("orphan", before.IsOrphan),
            IsRenewable = fields.Flag("renewable", before.IsRenewable),
            PathSuffix = fields.Text("path_suffix", before.PathSuffix),
            ExplicitMaxTtl = fields.Span("token_explicit_max_ttl", fields.Span("explicit_max_ttl", before.ExplicitMaxTtl)),
            Period = fields.Span("token_period", fields.Span("period", before.Period)),
            Uses = fields.Number("token_num_uses", before.Uses),
            HasNoDefaultPolicy = fields.Flag("token_no_default_policy", before.HasNoDefaultPolicy),
            TokenType = type == "default" ? "default-service" : type,
        };
        return null;
    }

    private Answer? Delete(VaultRequest request)
    {
        _roles.TryRemove(request.Captured["role"], out _);
        return null;
    }
}
