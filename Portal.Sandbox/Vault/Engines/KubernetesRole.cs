using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>Which service accounts may log in, and what they get. Zero spans mean not said.</summary>
internal sealed record KubernetesRole
{
    public required IReadOnlyList<string> Names { get; init; }

    public required IReadOnlyList<string> Namespaces { get; init; }

    /// <summary>Empty = any.</summary>
    public string Audience { get; init; } = "";

    public IReadOnlyList<string> Policies { get; init; } = [];

    public bool HasNoDefaultPolicy { get; init; }

    public TimeSpan Ttl { get; init; }

    public TimeSpan MaxTtl { get; init; }

    public TimeSpan ExplicitMaxTtl { get; init; }

    public TimeSpan Period { get; init; }

    public int Uses { get; init; }

    public string TokenType { get; init; } = "default";

    /// <exception cref="VaultError">something is missing</exception>
    public static KubernetesRole Read(Fields fields, KubernetesRole? before)
    {
        IReadOnlyList<string> Names(string field, IReadOnlyList<string>? otherwise) => fields.Has(field) ? fields.List(field) : otherwise ?? [];
        var role = new KubernetesRole
        {
            Names = Names("bound_service_account_names", before?.Names),
            Namespaces = Names("bound_service_account_namespaces", before?.Namespaces),
            Audience = fields.Text("audience", before?.Audience ?? ""),
            Policies = Vault.Policies.Clean(Names("token_policies", fields.Has("policies") ? fields.List("policies") : before?.Policies), addDefault: false),
            HasNoDefaultPolicy = fields.Flag("token_no_default_policy", before?.HasNoDefaultPolicy ?? false),
            Ttl = fields.Span("token_ttl", fields.Span("ttl", before?.Ttl ?? default)),
            MaxTtl = fields.Span("token_max_ttl", fields.Span("max_ttl", before?.MaxTtl ?? default)),
            ExplicitMaxTtl = fields.Span("token_explicit_max_ttl", before?.ExplicitMaxTtl ?? default),
            Period = fields.Span("token_period", fields.Span("period", before?.Period ?? default)),
            Uses = fields.Number("token_num_uses", before?.Uses ?? 0),
            TokenType = fields.Text("token_type", before?.TokenType ?? "default"),
        };
        if (role.Names.Count == 0)
            throw VaultError.Invalid("\"bound_service_account_names\" can not be empty");
        if (role.Namespaces.Count == 0)
            throw VaultError.Invalid("\"bound_service_account_namespaces\" can not be empty");
        if (role.Names.Contains("*") && role.Namespaces.Contains("*"))
            throw VaultError.Invalid("service_account_names and service_account_namespaces can not both be \"*\"");
        if (role.MaxTtl > TimeSpan.Zero && role.Ttl > role.MaxTtl)
            throw VaultError.Invalid("'token_ttl' cannot be greater than 'token_max_ttl'");
        return role;
    }

    /// <exception cref="VaultError">the role is not for this account</exception>
    public void RequireFit(ServiceAccount account)
    {
        if (!Namespaces.Any(glob => Fits(glob, account.Namespace)))
            throw new VaultError(500, "namespace not authorized");
        if (!Names.Any(glob => Fits(glob, account.Name)))
            throw new VaultError(500, "service account name not authorized");
        if (Audience.Length > 0 && !account.Audiences.Contains(Audience))
            throw new VaultError(500, "invalid audience (aud) claim: audience claim does not match any expected audience");
    }

    public JsonObject Describe()
    {
        var data = new JsonObject
        {
            ["bound_service_account_names"] = Json.Strings(Names),
            ["bound_service_account_namespaces"] = Json.Strings(Namespaces),
            ["token_bound_cidrs"] = new JsonArray(),
            ["token_explicit_max_ttl"] = (long)ExplicitMaxTtl.TotalSeconds,
            ["token_max_ttl"] = (long)MaxTtl.TotalSeconds,
            ["token_no_default_policy"] = HasNoDefaultPolicy,
            ["token_num_uses"] = Uses,
            ["token_period"] = (long)Period.TotalSeconds,
            ["token_policies"] = Json.Strings(Policies),
            ["token_ttl"] = (long)Ttl.TotalSeconds,
            ["token_type"] = TokenType,
        };
        if (Audience.Length > 0)
            data["audience"] = Audience;
        return data;
    }

    private static bool Fits(string glob, string text) =>
        Regex.IsMatch(text, $"^{Regex.Escape(glob).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant);
}
