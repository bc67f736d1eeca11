using System.Text.Json.Nodes;

namespace Portal.Vault;

/// <summary>The state that the portal needs, thing by thing: each is compared first and written only where it differs.</summary>
internal sealed class SetupSteps(SetupChanges changes, VaultNames names, VaultPolicies policies, SetupArguments arguments)
{
    private const string Description = "Vault Portal";
    private const string EncryptionKey = "aes256-gcm96";
    private const string SigningKey = "ecdsa-p256";
    private const string AuthorityKey = "ssh-ed25519";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await changes.StepAsync(() => MountsAsync(cancellationToken));
        foreach (var key in new[] { VaultNames.DataProtectionKey, VaultNames.AuditKey })
            await changes.StepAsync(() => TransitKeyAsync(key, EncryptionKey, cancellationToken));
        await changes.StepAsync(() => TransitKeyAsync(VaultNames.AccessTokensKey, SigningKey, cancellationToken));
        await changes.StepAsync(() => AuthorityAsync(cancellationToken));
        await changes.StepAsync(() => AuditedHeadersAsync(cancellationToken));
        foreach (var role in Wanted)
            await changes.StepAsync(() => PolicyAsync(role, cancellationToken));
        await new SetupKubernetes(changes, names, arguments).RunAsync(Wanted, cancellationToken);
        if (arguments.Prune)
            await changes.StepAsync(() => PruneAsync(cancellationToken));
    }

    private VaultRole[] Wanted => [.. Enum.GetValues<VaultRole>().Where(role => role != VaultRole.Admin || arguments.WithAdmin)];

    private async Task MountsAsync(CancellationToken cancellationToken)
    {
        var mounts = await changes.ReadAsync("sys/mounts", cancellationToken);
        await changes.StepAsync(() => MountAsync(mounts, names.Kv, "kv", "2", cancellationToken));
        await changes.StepAsync(() => MountAsync(mounts, names.Database, "database", null, cancellationToken));
        await changes.StepAsync(() => MountAsync(mounts, names.Ssh, "ssh", null, cancellationToken));
        await changes.StepAsync(() => MountAsync(mounts, names.Transit, "transit", null, cancellationToken));
    }

    private async Task MountAsync(JsonObject? mounts, string mount, string type, string? version, CancellationToken cancellationToken)
    {
        var wanted = version is null ? type : $"{type} v{version}";
        if (mounts?[$"{mount}/"] is not JsonObject there)
        {
            var body = new JsonObject { ["type"] = type, ["description"] = Description };
            if (version is not null)
                body["options"] = new JsonObject { ["version"] = version };
            await changes.WriteAsync($"+ mount {mount} ({wanted})", $"sys/mounts/{mount}", body, cancellationToken);
            return;
        }
        var foundType = there["type"].Text();
        var found = foundType == "kv" ? $"kv v{there["options"]?["version"].Text() ?? "1"}" : foundType;
        if (found != wanted)
            changes.Mistake($"{mount}/ is a mount of type {found}, and {wanted} is needed: move it, or choose another Vault:Prefix.");
    }

    private async Task TransitKeyAsync(string key, string type, CancellationToken cancellationToken)
    {
        var path = $"{names.Transit}/keys/{key}";
        if (await changes.ReadAsync(path, cancellationToken) is not { } there)
            await changes.WriteAsync($"+ transit key {key} ({type})", path, new JsonObject { ["type"] = type }, cancellationToken);
        else if (there["type"].Text() is var found && found != type)
            changes.Mistake($"{path} is a key of type {found}, and {type} is needed: another Vault:Prefix leaves it alone.");
    }

    // Made once and never replaced: hosts trust it. Servers before 1.12 know no other type than RSA, and make that.
    private async Task AuthorityAsync(CancellationToken cancellationToken)
    {
        var path = $"{names.Ssh}/config/ca";
        if (!await HasAuthorityAsync(path, cancellationToken))
        {
            var body = new JsonObject { ["generate_signing_key"] = true, ["key_type"] = AuthorityKey };
            await changes.WriteAsync("+ SSH certificate authority", path, body, cancellationToken);
        }
    }

    private async Task<bool> HasAuthorityAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await changes.ReadAsync(path, cancellationToken) is not null;
        }
        catch (VaultException failure) when (VaultErrors.Says(failure.Errors, SshEngine.NoKeyYet))
        {
            return false;
        }
    }

    private async Task AuditedHeadersAsync(CancellationToken cancellationToken)
    {
        const string path = "sys/config/auditing/request-headers";
        var audited = (await changes.ReadAsync(path, cancellationToken))?["headers"] as JsonObject ?? [];
        foreach (var header in new[] { VaultNames.UserHeader, VaultNames.CredentialHeader })
        {
            var there = audited.FirstOrDefault(entry => entry.Key.Equals(header, StringComparison.OrdinalIgnoreCase)).Value;
            if (there is null || there["hmac"]?.GetValue<bool>() == true)
            {
                var line = $"{(there is null ? '+' : '~')} audited header {header}";
                await changes.WriteAsync(line, $"{path}/{header}", new JsonObject { ["hmac"] = false }, cancellationToken);
            }
        }
    }

    private async Task PolicyAsync(VaultRole role, CancellationToken cancellationToken)
    {
        var path = $"sys/policies/acl/{names.Role(role)}";
        var wanted = policies.Text(role);
        var there = (await changes.ReadAsync(path, cancellationToken))?["policy"].Text();
        if (there is null || !VaultPolicies.AreSame(there, wanted) || !policies.IsMarked(there))
        {
            await changes.WriteAsync(
                $"{(there is null ? '+' : '~')} policy {names.Role(role)}", path, new JsonObject { ["policy"] = wanted }, cancellationToken);
        }
    }

    // Deletes what bears the portal's mark and is not wanted now. What `apply` writes is its own business.
    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        var wanted = Wanted.Select(names.Role).ToHashSet();
        var own = (await changes.ListAsync("sys/policies/acl", cancellationToken))
            .Where(policy => policy.StartsWith($"{names.Prefix}-", StringComparison.Ordinal) && !wanted.Contains(policy))
            .Where(policy => !policy.StartsWith(names.DatabaseTokenPrefix, StringComparison.Ordinal));
        foreach (var policy in own)
        {
            var path = $"sys/policies/acl/{policy}";
            if ((await changes.ReadAsync(path, cancellationToken))?["policy"].Text() is not { } text || !policies.IsMarked(text))
                continue;
            var role = $"auth/{names.AuthPath}/role/{policy}";
            if (await changes.ReadAsync(role, cancellationToken) is not null)
                await changes.DeleteAsync($"- kubernetes role {policy}", role, cancellationToken);
            await changes.DeleteAsync($"- policy {policy}", path, cancellationToken);
        }
    }
}
