using System.Text.Json.Nodes;
using Portal.Shell;
using Portal.Vault;

namespace Portal.Features.Access;

/// <summary>Roles of Vault's SSH engine. Each allows what its certificates say and nothing more; Vault refuses the rest also to the portal.</summary>
public sealed class VaultSshRoles(VaultAdmin vault, VaultNames names)
{
    // The portal names each certificate. What others sign by these roles is named so, and the form tells that an access file made the role.
    private const string KeyIdFormat = "vault-portal-{{token_display_name}}-{{public_key_hash}}";

    // Some servers read an empty list as "any".
    private const string NoExtension = "none";

    private const int BackdatedSeconds = 30;

    /// <returns>Null when Vault has it as the file says.</returns>
    /// <exception cref="VaultException">Also when Vault has no authority yet.</exception>
    public async Task<VaultDifference?> CompareAsync(SshRoleEntry entry, CancellationToken cancellationToken)
    {
        var wanted = Wanted(entry, await ReadAlgorithmAsync(cancellationToken));
        var found = await vault.ReadAsync(Path(entry.Name), cancellationToken);
        List<string> details = found is null ? [AccessChange.MadeAgain] : [.. Differences(wanted, Normal(found))];
        return details.Count == 0
            ? null
            : new VaultDifference(
                new AccessChange(ChangeKind.Changed, AccessChange.Role(entry.Name), details),
                ct => vault.WriteAsync(Path(entry.Name), wanted, ct));
    }

    /// <summary>What may be deleted: certificates live on without their role.</summary>
    /// <param name="own">Roles that the portal's database has, or had before this run.</param>
    public async Task<IReadOnlyList<VaultDifference>> FindLeftoversAsync(AccessFile file, IReadOnlyList<string> own, CancellationToken cancellationToken)
    {
        var leftovers = new List<VaultDifference>();
        foreach (var role in (await vault.ListAsync($"{names.Ssh}/roles", cancellationToken)).Except(file.SshRoles.Select(entry => entry.Name)))
        {
            if (own.Contains(role) || (await vault.ReadAsync(Path(role), cancellationToken))?["key_id_format"]?.ToString() == KeyIdFormat)
                leftovers.Add(new(new(ChangeKind.Removed, AccessChange.Role(role), []), ct => vault.DeleteAsync(Path(role), ct)));
        }

        return leftovers;
    }

    // RSA keys would else sign by SHA-1 on older servers, which hosts refuse; others know one way.
    private async Task<string> ReadAlgorithmAsync(CancellationToken cancellationToken)
    {
        var path = $"{names.Ssh}/config/ca";
        var authority = await ReadAuthorityAsync(path, cancellationToken) ?? throw new VaultException(VaultFailure.Unexpected, path, 404);
        return authority.StartsWith("ssh-rsa ", StringComparison.Ordinal) ? "rsa-sha2-256" : "";
    }

    private async Task<string?> ReadAuthorityAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return (await vault.ReadAsync(path, cancellationToken))?["public_key"]?.ToString();
        }
        catch (VaultException failure) when (failure.Words.Contains(SshEngine.NoKeyYet, StringComparison.Ordinal))
        {
            return null;
        }
    }

    private string Path(string role) => $"{names.Ssh}/roles/{role}";

    // What would let a certificate be more than the portal asks for is named with its empty value. Lengths of keys are judged by the portal:
    // Vault knows no "at least", and a list of lengths shuts out security keys.
    private static JsonObject Wanted(SshRoleEntry entry, string algorithm) => new()
    {
        ["key_type"] = "ca",
        ["allow_user_certificates"] = true,
        ["allow_host_certificates"] = false,
        ["allow_user_key_ids"] = true,
        ["key_id_format"] = KeyIdFormat,
        ["allowed_users"] = string.Join(',', entry.Principals),
        ["allowed_users_template"] = false,
        ["default_user"] = "",
        ["allowed_extensions"] = entry.Extensions.Count > 0 ? string.Join(',', entry.Extensions) : NoExtension,
        ["default_extensions"] = new JsonObject(),
        ["default_critical_options"] = new JsonObject(),
        ["allowed_user_key_lengths"] = new JsonObject(),
        ["algorithm_signer"] = algorithm,
        ["not_before_duration"] = BackdatedSeconds,
        ["ttl"] = (int)entry.Longest.TotalSeconds,
        ["max_ttl"] = (int)entry.Longest.TotalSeconds,
    };

    private static JsonObject Normal(JsonObject found)
    {
        var normal = (JsonObject)found.DeepClone();
        if (normal["algorithm_signer"]?.ToString() == "default")
            normal["algorithm_signer"] = "";
        return normal;
    }

    // Vault 1.8 always goes 30 s back and says nothing of it.
    private static IEnumerable<string> Differences(JsonObject wanted, JsonObject found) =>
        VaultJsonValues.Differing(wanted, found, "not_before_duration").Select(key => key switch
        {
            "allowed_users" => $"principals {Mistakes.Quote(found[key]?.ToString() ?? "").Trim('\'')} → {wanted[key]}",
            "allowed_extensions" => "extensions",
            "max_ttl" => $"longest {Longest(found[key])} → {Longest(wanted[key])}",
            "ttl" => "usual life",
            "algorithm_signer" => "signature",
            _ => "limits",
        }).Distinct();

    private static string Longest(JsonNode? seconds) =>
        int.TryParse(seconds?.ToString(), out var number) ? ShortDuration.Format(number) : "unknown";
}
