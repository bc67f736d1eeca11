using Portal.Vault;

namespace Portal.Features.Health;

/// <summary>Looks at Vault from the outside in: the first broken line is the one to repair.</summary>
internal sealed class VaultChecks(SystemBackend vault, VaultNames names, VaultPolicies policies)
{
    private const string Vault = "Vault";
    private const string Seal = "Vault's seal";
    private const string Engines = "Engines and keys";
    private const string Policies = "Policies";
    private const string Leases = "Leases that Vault could not end";
    private const string HeldMeanwhile = "What you hold keeps working until its end; new credentials have to wait. This page goes on by itself.";
    private const string Incomplete = "The portal does not get all it needs from Vault, so some steps fail. The health page says what is missing.";
    private static readonly VaultRole[] s_roles = [VaultRole.SignIn, VaultRole.AccessTokens, VaultRole.CloudCredentials, VaultRole.Databases, VaultRole.Ssh, VaultRole.Audit, VaultRole.Health];

    public async Task<IReadOnlyList<HealthFinding>> RunAsync(CancellationToken cancellationToken)
    {
        List<HealthFinding> findings = [];
        if (await OpenAsync(findings, cancellationToken))
            await InsideAsync(findings, cancellationToken);
        string[] all = [Vault, Seal, .. s_roles.Select(Login), Engines, Policies, Leases];
        return [.. findings, .. all.Skip(findings.Count).Select(title => HealthFinding.Waits(title, "Waits for the line above."))];
    }

    private async Task<bool> OpenAsync(List<HealthFinding> findings, CancellationToken cancellationToken)
    {
        try
        {
            var seal = await vault.SealStatusAsync(cancellationToken);
            findings.Add(HealthFinding.Fine(Vault, $"Answers, version {seal.Version}."));
            if (seal.Initialized && !seal.Sealed)
                findings.Add(HealthFinding.Fine(Seal, "Open."));
            else
                findings.Add(Broken(Seal, VaultTrouble.Sealed, null, $"Vault is sealed. {HeldMeanwhile}"));
            return seal.Initialized && !seal.Sealed;
        }
        catch (VaultException failure)
        {
            findings.Add(Broken(Vault, VaultTrouble.Of(failure), failure, $"Vault does not answer. {HeldMeanwhile}"));
            return false;
        }
    }

    private async Task InsideAsync(List<HealthFinding> findings, CancellationToken cancellationToken)
    {
        foreach (var role in s_roles)
            findings.Add(await LoginAsync(role, cancellationToken));
        if (findings[^1].Status != HealthStatus.Ok)
            return;
        findings.Add(await TryAsync(Engines, () => EnginesAsync(cancellationToken)));
        findings.Add(await TryAsync(Policies, () => PoliciesAsync(cancellationToken)));
        findings.Add(await TryAsync(Leases, () => LeasesAsync(cancellationToken)));
    }

    private Task<HealthFinding> LoginAsync(VaultRole role, CancellationToken cancellationToken) => TryAsync(Login(role), async () =>
    {
        await vault.LookUpSelfAsync(role, cancellationToken);
        return HealthFinding.Fine(Login(role), "Works.", $"Role {names.Role(role)}.");
    });

    private async Task<HealthFinding> EnginesAsync(CancellationToken cancellationToken)
    {
        List<string> missing = [];
        if (await vault.LookAsync(VaultRole.Health, $"{names.Kv}/config", cancellationToken) != Presence.There)
            missing.Add($"mount {names.Kv} (kv v2)");
        if (await vault.LookForListAsync(VaultRole.Health, $"{names.Database}/roles", cancellationToken) == Presence.NotMounted)
            missing.Add($"mount {names.Database} (database)");
        missing.AddRange(await AuthorityAsync(cancellationToken));
        foreach (var key in new[] { VaultNames.DataProtectionKey, VaultNames.AuditKey, VaultNames.AccessTokensKey })
        {
            var presence = await vault.LookAsync(VaultRole.Health, $"{names.Transit}/keys/{key}", cancellationToken);
            if (presence == Presence.NotMounted && missing.All(thing => !thing.Contains(names.Transit, StringComparison.Ordinal)))
                missing.Add($"mount {names.Transit} (transit)");
            if (presence != Presence.There)
                missing.Add($"transit key {key}");
        }
        return missing.Count == 0 ? HealthFinding.Fine(Engines, "All there.") : Missing(Engines, missing);
    }

    private async Task<IEnumerable<string>> AuthorityAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await vault.LookAsync(VaultRole.Health, $"{names.Ssh}/config/ca", cancellationToken) == Presence.There
                ? []
                : [$"mount {names.Ssh} (ssh)"];
        }
        // This is how the engine says that it has no key.
        catch (VaultException failure) when (failure.Failure == VaultFailure.Invalid)
        {
            return ["SSH certificate authority"];
        }
    }

    private async Task<HealthFinding> PoliciesAsync(CancellationToken cancellationToken)
    {
        List<string> missing = [];
        foreach (var role in s_roles)
        {
            var policy = await vault.PolicyAsync(VaultRole.Health, names.Role(role), cancellationToken);
            if (policy is null)
                missing.Add($"policy {names.Role(role)}");
            else if (!VaultPolicies.AreSame(policy, policies.Text(role)))
                missing.Add($"policy {names.Role(role)} as this version of the portal needs it");
        }
        return missing.Count == 0 ? HealthFinding.Fine(Policies, "All as this version of the portal needs them.") : Missing(Policies, missing);
    }

    private async Task<HealthFinding> LeasesAsync(CancellationToken cancellationToken)
    {
        var leases = (await vault.IrrevocableLeasesAsync(VaultRole.Health, cancellationToken))
            .Where(lease => lease.LeaseId.StartsWith($"{names.Database}/", StringComparison.Ordinal))
            .ToList();
        if (leases.Count == 0)
            return HealthFinding.Fine(Leases, "None.");
        var details = string.Join(' ', leases.Take(5).Select(lease => $"{lease.LeaseId}: {lease.Error}."));
        return new HealthFinding(
            Leases, HealthStatus.Broken, $"{leases.Count}: Vault has given up to end them, so their database users may still work.", details,
            $"vault lease revoke {leases[0].LeaseId}");
    }

    private static async Task<HealthFinding> TryAsync(string title, Func<Task<HealthFinding>> check)
    {
        try
        {
            return await check();
        }
        catch (VaultException failure)
        {
            return Broken(title, VaultTrouble.Of(failure), failure, Incomplete);
        }
    }

    private static HealthFinding Missing(string title, IReadOnlyList<string> missing) => new(
        title, HealthStatus.Broken, $"Missing: {string.Join(", ", missing)}.", Remedy: VaultTrouble.SetUpCommand, Message: Incomplete);

    private static HealthFinding Broken(string title, VaultTrouble trouble, VaultException? failure, string message) =>
        new(title, HealthStatus.Broken, trouble.Says, failure?.Message, trouble.Remedy, message);

    private static string Login(VaultRole role) => role switch
    {
        VaultRole.SignIn => "Login for sign-in",
        VaultRole.AccessTokens => "Login for access tokens",
        VaultRole.CloudCredentials => "Login for cloud credentials",
        VaultRole.Databases => "Login for databases",
        VaultRole.Ssh => "Login for SSH",
        VaultRole.Audit => "Login for the audit trail",
        _ => "Login for these checks",
    };
}
