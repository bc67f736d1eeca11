using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>What a role of the SSH engine lets be signed. Zero spans mean not said.</summary>
internal sealed record SshRole
{
    private static readonly Dictionary<string, string> s_none = [];

    public bool AllowsUsers { get; init; }

    public bool AllowsHosts { get; init; }

    public bool AllowsBareDomains { get; init; }

    public bool AllowsSubdomains { get; init; }

    public bool AllowsKeyIds { get; init; }

    public string AllowedUsers { get; init; } = "";

    public string AllowedDomains { get; init; } = "";

    public string DefaultUser { get; init; } = "";

    public string AllowedCriticalOptions { get; init; } = "";

    public string AllowedExtensions { get; init; } = "";

    public IReadOnlyDictionary<string, string> DefaultCriticalOptions { get; init; } = s_none;

    public IReadOnlyDictionary<string, string> DefaultExtensions { get; init; } = s_none;

    /// <summary>Family of keys → their one size in bits; empty = any key.</summary>
    public IReadOnlyDictionary<string, string> KeyLengths { get; init; } = s_none;

    public string KeyIdFormat { get; init; } = "";

    public string AlgorithmSigner { get; init; } = "";

    public TimeSpan Ttl { get; init; }

    public TimeSpan MaxTtl { get; init; }

    /// <exception cref="VaultError">it makes no sense</exception>
    public static SshRole Read(Fields fields)
    {
        if (fields.Text("key_type") != "ca")
            throw VaultError.Invalid("invalid key type");
        var role = new SshRole
        {
            AllowsUsers = fields.Flag("allow_user_certificates"),
            AllowsHosts = fields.Flag("allow_host_certificates"),
            AllowsBareDomains = fields.Flag("allow_bare_domains"),
            AllowsSubdomains = fields.Flag("allow_subdomains"),
            AllowsKeyIds = fields.Flag("allow_user_key_ids"),
            AllowedUsers = fields.Text("allowed_users"),
            AllowedDomains = fields.Text("allowed_domains"),
            DefaultUser = fields.Text("default_user"),
            AllowedCriticalOptions = fields.Text("allowed_critical_options"),
            AllowedExtensions = fields.Text("allowed_extensions"),
            DefaultCriticalOptions = fields.Map("default_critical_options") ?? s_none,
            DefaultExtensions = fields.Map("default_extensions") ?? s_none,
            KeyLengths = fields.Map("allowed_user_key_lengths") ?? s_none,
            KeyIdFormat = fields.Text("key_id_format"),
            AlgorithmSigner = fields.Text("algorithm_signer"),
            Ttl = fields.Span("ttl"),
            MaxTtl = fields.Span("max_ttl"),
        };
        if (!role.AllowsUsers && !role.AllowsHosts)
            throw VaultError.Invalid("Either 'allow_user_certificates' or 'allow_host_certificates' must be set to 'true'");
        if (role.AlgorithmSigner is not ("" or "default" or "ssh-rsa" or "rsa-sha2-256" or "rsa-sha2-512"))
            throw VaultError.Invalid($"unknown algorithm signer {Durations.Quote(role.AlgorithmSigner)}");
        if (role.Ttl > TimeSpan.Zero && role.MaxTtl > TimeSpan.Zero && role.Ttl > role.MaxTtl)
            throw VaultError.Invalid("\"ttl\" value must be less than \"max_ttl\" when both are specified");
        return role;
    }

    public JsonObject Describe() => new()
    {
        ["algorithm_signer"] = AlgorithmSigner,
        ["allow_bare_domains"] = AllowsBareDomains,
        ["allow_host_certificates"] = AllowsHosts,
        ["allow_subdomains"] = AllowsSubdomains,
        ["allow_user_certificates"] = AllowsUsers,
        ["allow_user_key_ids"] = AllowsKeyIds,
        ["allowed_critical_options"] = AllowedCriticalOptions,
        ["allowed_domains"] = AllowedDomains,
        ["allowed_extensions"] = AllowedExtensions,
        ["allowed_user_key_lengths"] = new JsonObject([.. KeyLengths.Select(length => KeyValuePair.Create(length.Key, (JsonNode?)SshRules.Length(length.Value)))]),
        ["allowed_users"] = AllowedUsers,
        ["allowed_users_template"] = false,
        ["default_critical_options"] = Json.Map(DefaultCriticalOptions),
        ["default_extensions"] = Json.Map(DefaultExtensions),
        ["default_extensions_template"] = false,
        ["default_user"] = DefaultUser,
        ["key_bits"] = 0,
        ["key_id_format"] = KeyIdFormat,
        ["key_type"] = "ca",
        ["max_ttl"] = (long)MaxTtl.TotalSeconds,
        ["ttl"] = (long)Ttl.TotalSeconds,
    };
}
