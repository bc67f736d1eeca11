using System.Text.Json.Nodes;
using Portal.Shell;
using Portal.Vault;

namespace Portal.Features.Access;

/// <summary>
/// Roles of Vault's database engine, each with the policy and the token role that its credentials hang on. The policy is written
/// first and deleted last: while anything of a role is there, it says that an access file made it.
/// </summary>
public sealed class VaultDatabaseRoles(VaultAdmin vault, VaultNames names)
{
    private const string Mark = "# Written by Vault Portal from an access file: changes made here are overwritten.";
    private const int FirstTtlSeconds = 60;

    /// <returns>Null when Vault has it as the file says.</returns>
    public async Task<VaultDifference?> CompareAsync(ConnectionEntry connection, RoleEntry role, CancellationToken cancellationToken)
    {
        var (policy, tokenRole, databaseRole) = (Policy(role.Name), TokenRole(role.Name), DatabaseRole(connection, role));
        var foundPolicy = await ReadPolicyAsync(role.Name, cancellationToken);
        var foundTokenRole = await vault.ReadAsync(TokenRolePath(role.Name), cancellationToken);
        var foundRole = await vault.ReadAsync(RolePath(role.Name), cancellationToken);

        var details = new List<string>();
        if (foundRole is null)
            details.Add(AccessChange.MadeAgain);
        else
            details.AddRange(Differences(databaseRole, foundRole));
        if (foundPolicy is null || !VaultPolicies.AreSame(foundPolicy, policy))
            details.Add("policy");
        // Vault 1.8 does not say token_no_default_policy back, older ones know no globs.
        if (foundTokenRole is null || VaultJsonValues.Differing(tokenRole, foundTokenRole, "token_no_default_policy", "allowed_policies_glob").Any())
            details.Add("token role");
        if (foundRole is null)
            details.RemoveAll(detail => detail is "policy" or "token role");
        return details.Count == 0
            ? null
            : new VaultDifference(
                new AccessChange(ChangeKind.Changed, AccessChange.Role(role.Name), details),
                async ct =>
                {
                    await vault.WriteAsync(PolicyPath(role.Name), new JsonObject { ["policy"] = policy }, ct);
                    await vault.WriteAsync(TokenRolePath(role.Name), tokenRole, ct);
                    await vault.WriteAsync(RolePath(role.Name), databaseRole, ct);
                });
    }

    /// <summary>The roles of this Vault that access files made, or began to make.</summary>
    public async Task<IReadOnlyList<string>> ListOwnAsync(CancellationToken cancellationToken)
    {
        var own = new List<string>();
        foreach (var policy in await vault.ListAsync("sys/policies/acl", cancellationToken))
        {
            if (!policy.StartsWith(names.DatabaseTokenPrefix, StringComparison.Ordinal))
                continue;
            var role = policy[names.DatabaseTokenPrefix.Length..];
            if (AccessNames.Label(role) is null && await ReadPolicyAsync(role, cancellationToken) is { } text && text.StartsWith(Mark, StringComparison.Ordinal))
                own.Add(role);
        }

        return own;
    }

    /// <summary>The connections that roles other than the given ones use.</summary>
    public async Task<IReadOnlyDictionary<string, string>> UsersOfConnectionsAsync(IReadOnlySet<string> except, CancellationToken cancellationToken)
    {
        var users = new Dictionary<string, string>();
        foreach (var role in await vault.ListAsync($"{names.Database}/roles", cancellationToken))
        {
            if (!except.Contains(role) && await vault.ReadAsync(RolePath(role), cancellationToken) is { } found)
                users[found["db_name"]?.ToString() ?? ""] = role;
        }

        return users;
    }

    public async Task DeleteAsync(string role, CancellationToken cancellationToken)
    {
        await vault.DeleteAsync(RolePath(role), cancellationToken);
        await vault.DeleteAsync(TokenRolePath(role), cancellationToken);
        await vault.DeleteAsync(PolicyPath(role), cancellationToken);
    }

    private async Task<string?> ReadPolicyAsync(string role, CancellationToken cancellationToken) =>
        (await vault.ReadAsync(PolicyPath(role), cancellationToken))?["policy"]?.ToString();

    private string RolePath(string role) => $"{names.Database}/roles/{role}";

    private string TokenRolePath(string role) => $"auth/token/roles/{names.DatabaseToken(role)}";

    private string PolicyPath(string role) => $"sys/policies/acl/{names.DatabaseToken(role)}";

    private string Policy(string role) =>
        $"{Mark}\npath \"{names.Database}/creds/{role}\" {{ capabilities = [\"read\"] }}\n";

    // What would let a token be more, or live otherwise, than the portal asks for is named with its empty value.
    private JsonObject TokenRole(string role) => new()
    {
        ["allowed_policies"] = VaultJsonValues.List([names.DatabaseToken(role)]),
        ["allowed_policies_glob"] = VaultJsonValues.List([]),
        ["orphan"] = true,
        ["renewable"] = true,
        ["token_no_default_policy"] = true,
        ["token_period"] = 0,
        ["token_explicit_max_ttl"] = 0,
        ["path_suffix"] = "",
    };

    // The first life is short: the portal renews to the promised end, and what it never hears of ends by itself.
    private static JsonObject DatabaseRole(ConnectionEntry connection, RoleEntry role)
    {
        var engine = ManagedEngine.Of(connection.Engine);
        return new()
        {
            ["db_name"] = role.Connection,
            ["creation_statements"] = VaultJsonValues.List(role.Statements),
            ["revocation_statements"] = VaultJsonValues.List(engine.Revocation(connection.Owner)),
            ["renew_statements"] = VaultJsonValues.List(engine.Renewal),
            ["rollback_statements"] = VaultJsonValues.List([]),
            ["default_ttl"] = FirstTtlSeconds,
            ["max_ttl"] = (int)role.Longest.TotalSeconds,
        };
    }

    private static IEnumerable<string> Differences(JsonObject wanted, JsonObject found) =>
        VaultJsonValues.Differing(wanted, found).Select(key => key switch
        {
            "db_name" => $"connection {Mistakes.Quote(found[key]?.ToString() ?? "").Trim('\'')} → {wanted[key]}",
            "creation_statements" => "statements",
            "revocation_statements" => "revocation",
            "renew_statements" => "renewal",
            "rollback_statements" => "rollback",
            "max_ttl" => $"longest {Longest(found[key])} → {Longest(wanted[key])}",
            _ => "first life",
        });

    private static string Longest(JsonNode? seconds) =>
        int.TryParse(seconds?.ToString(), out var number) ? ShortDuration.Format(number) : "unknown";
}
