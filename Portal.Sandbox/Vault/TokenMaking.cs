namespace Portal.Sandbox.Vault;

/// <summary><c>auth/token/create</c>: which policies, which parent and which end a new token gets.</summary>
internal sealed class TokenMaking(VaultCore core, TokenRoles roles)
{
    public Answer Make(VaultRequest request, string? roleName, bool isOrphan)
    {
        var (fields, parent) = (request.Fields, request.Token!);
        var role = roleName is null ? null : roles.Find(roleName) ?? throw VaultError.Invalid($"unknown role {roleName}");
        RequireAbleParent(parent);
        if (fields.Number("num_uses") < 0)
            throw VaultError.Invalid("number of uses cannot be negative");
        var type = TypeOf(fields, role);
        var policies = PoliciesOf(request, parent, role);
        if (policies.Contains(Policies.Root))
            RequireRoot(parent, type);
        if (fields.Flag("no_parent") && role is null && !request.IsSudo)
            throw VaultError.Invalid("root or sudo privileges required to create orphan token");
        isOrphan = role is null ? isOrphan || fields.Flag("no_parent") : role.IsOrphan;
        var id = fields.Text("id");
        if (id.Length > 0)
            RequireFitId(request, id);

        var now = core.Time.GetUtcNow();
        var explicitMax = Positive(fields, "explicit_max_ttl");
        var period = Positive(fields, "period");
        if (period > TimeSpan.Zero && !request.IsSudo)
            throw VaultError.Invalid("root or sudo privileges required to create periodic token");
        var (wished, roleMax, rolePeriod) = (Positive(fields, "ttl"), role?.ExplicitMaxTtl ?? default, role?.Period ?? default);
        if (wished == TimeSpan.Zero)
            wished = Positive(fields, "lease");
        var endless = policies.Contains(Policies.Root) && wished == TimeSpan.Zero && period == TimeSpan.Zero && rolePeriod == TimeSpan.Zero;
        IReadOnlyList<string>? warnings = null;
        var ttl = Ttl.Lesser(explicitMax, roleMax);
        if (!endless)
        {
            (ttl, warnings) = Ttl.Calculate(
                request.Mount.Limits with { Default = wished, Period = Ttl.Lesser(period, rolePeriod), ExplicitMaximum = Ttl.Lesser(explicitMax, roleMax) }, now);
        }

        if (ttl == TimeSpan.Zero && parent.Expires is not null)
            throw VaultError.Invalid("expiring root tokens cannot create non-expiring root tokens");
        var token = core.Tokens.Add(new TokenEntry
        {
            Id = id.Length > 0 ? id : TokenStore.NewId(type),
            Accessor = type == TokenType.Batch ? "" : TokenStore.NewAccessor(),
            Parent = isOrphan ? null : parent,
            Policies = policies,
            Path = PathOf(request, role),
            DisplayName = fields.Text("display_name") is { Length: > 0 } name ? TokenStore.CleanDisplayName($"token-{name}") : "token",
            Meta = fields.Map("meta"),
            Type = type,
            EntityId = parent.EntityId,
            Role = role?.Name,
            CreationTtl = ttl,
            ExplicitMaxTtl = explicitMax,
            Period = period,
            IsRenewable = type == TokenType.Service && ttl > TimeSpan.Zero && fields.Flag("renewable", true) && (role?.IsRenewable ?? true),
            Created = now,
            Uses = role is { Uses: > 0 } && (fields.Number("num_uses") == 0 || role.Uses < fields.Number("num_uses")) ? role.Uses : fields.Number("num_uses"),
            RenewalLimits = role is null ? null : limits => RoleLimits(role.Name, limits),
            Ttl = ttl,
            Expires = ttl > TimeSpan.Zero ? now + ttl : null,
        });
        return new Answer { Token = token, Warnings = warnings };
    }

    /// <summary>At a renewal the role counts as it is then, and the token's own explicit maximum is forgotten: Vault does so.</summary>
    private TtlLimits RoleLimits(string name, TtlLimits limits) => roles.Find(name) is { } role
        ? limits with { Period = role.Period, ExplicitMaximum = role.ExplicitMaxTtl }
        : throw VaultError.Invalid($"original token role \"{name}\" could not be found, not renewing");

    private static string PathOf(VaultRequest request, TokenRole? role)
    {
        var path = request.Path.TrimEnd('/');
        return role is { PathSuffix.Length: > 0 } ? $"{path}/{role.PathSuffix}" : path;
    }

    private static void RequireAbleParent(TokenEntry parent)
    {
        if (parent.Type == TokenType.Batch)
            throw VaultError.Invalid("batch tokens cannot create more tokens");
        if (parent.Uses != 0)
            throw VaultError.Invalid("restricted use token cannot generate child tokens");
    }

    private static void RequireRoot(TokenEntry parent, TokenType type)
    {
        if (!parent.IsRoot)
            throw VaultError.Invalid("root tokens may not be created without parent token being root");
        if (type == TokenType.Batch)
            throw VaultError.Invalid("batch tokens cannot be root tokens");
    }

    private static void RequireFitId(VaultRequest request, string id)
    {
        if (!request.IsSudo)
            throw VaultError.Invalid("root or sudo privileges required to specify token id");
        if (id.StartsWith("s.", StringComparison.Ordinal) || id.StartsWith("hvs.", StringComparison.Ordinal))
            throw VaultError.Invalid($"custom token ID cannot have the '{id[..(id.IndexOf('.', StringComparison.Ordinal) + 1)]}' prefix");
    }

    private static TokenType TypeOf(Fields fields, TokenRole? role)
    {
        var wished = role?.TokenType switch
        {
            "service" => "service",
            "batch" => "batch",
            "default-batch" => fields.Text("type", "batch"),
            _ => fields.Text("type", "service"),
        };
        if (wished is "" or "service")
            return TokenType.Service;
        if (wished != "batch")
            throw VaultError.Invalid("invalid 'token_type' value");
        foreach (var (field, name) in new[] { ("explicit_max_ttl", "explicit_max_ttl"), ("num_uses", "num_uses"), ("period", "period") })
        {
            if (fields.Has(field) && fields.Text(field) is not ("" or "0"))
                throw VaultError.Invalid($"batch tokens cannot have \"{name}\" set");
        }

        return TokenType.Batch;
    }

    private static IReadOnlyList<string> PoliciesOf(VaultRequest request, TokenEntry parent, TokenRole? role)
    {
        var fields = request.Fields;
        var wished = fields.List("policies");
        var noDefault = fields.Flag("no_default_policy") || role is { HasNoDefaultPolicy: true };
        IReadOnlyList<string> policies;
        if (role is { AllowedPolicies.Count: > 0 } or { DisallowedPolicies.Count: > 0 })
            policies = PoliciesByRole(role, wished, parent, !noDefault && !role.DisallowedPolicies.Contains(Policies.Default));
        else if (wished.Count == 0)
            policies = parent.Policies;
        else if (request.IsSudo)
            policies = Policies.Clean(wished, !noDefault);
        else
            policies = PoliciesOfChild(Policies.Clean(wished, false), parent, noDefault);
        if (noDefault)
            policies = [.. policies.Where(policy => policy != Policies.Default)];
        return policies.Contains(Policies.ResponseWrapping)
            ? throw VaultError.Invalid($"cannot assign policy \"{Policies.ResponseWrapping}\"")
            : policies;
    }

    private static IReadOnlyList<string> PoliciesByRole(TokenRole role, IReadOnlyList<string> wished, TokenEntry parent, bool addDefault)
    {
        var allowed = role.AllowedPolicies.Count == 0 ? null : Policies.Clean(role.AllowedPolicies, addDefault);
        var policies = wished.Count > 0 ? Policies.Clean(wished, addDefault) : allowed ?? Policies.Clean(parent.Policies, addDefault);
        if (allowed is not null && policies.Except(allowed).Any())
            throw VaultError.Invalid($"token policies ({Printed(policies)}) must be subset of the role's allowed policies ({Printed(allowed)})");
        return policies.FirstOrDefault(role.DisallowedPolicies.Contains) is { } disallowed
            ? throw VaultError.Invalid($"token policy \"{disallowed}\" is disallowed by this role")
            : policies;
    }

    private static IReadOnlyList<string> PoliciesOfChild(IReadOnlyList<string> wished, TokenEntry parent, bool noDefault)
    {
        if (wished.Except(parent.Policies).Any())
            throw VaultError.Invalid("child policies must be subset of parent");
        return Policies.Clean(wished, !noDefault && parent.Policies.Contains(Policies.Default));
    }

    private static string Printed(IReadOnlyList<string> policies) => $"[{string.Join(' ', policies.Select(policy => $"\"{policy}\""))}]";

    private static TimeSpan Positive(Fields fields, string name)
    {
        try
        {
            var span = Durations.Parse(fields.Text(name));
            return span < TimeSpan.Zero ? throw VaultError.Invalid($"{name} must be positive") : span;
        }
        catch (FormatException e)
        {
            throw VaultError.Invalid(e.Message);
        }
    }
}
