using System.Text.Json;

namespace Portal.Vault;

public sealed record SealStatus(bool Initialized, bool Sealed, string Version);

/// <summary>What is at a path.</summary>
public enum Presence
{
    There,
    Missing,

    /// <summary>No engine is mounted there at all.</summary>
    NotMounted,
}

/// <summary>A lease that Vault has given up to revoke.</summary>
public sealed record IrrevocableLease(string LeaseId, string Error);

/// <summary>What Vault says of itself.</summary>
public sealed class SystemBackend(VaultClient vault, VaultTransport transport)
{
    /// <summary>Needs no login, and answers while Vault is sealed.</summary>
    public async Task<SealStatus> SealStatusAsync(CancellationToken cancellationToken)
    {
        const string path = "sys/seal-status";
        var answer = await transport.SendAsync(new VaultRequest(HttpMethod.Get, path), token: null, cancellationToken);
        var status = VaultJson.Read(path, answer ?? [], VaultJson.Default.SealStatusAnswer);
        return new SealStatus(status.Initialized, status.Sealed, status.Version ?? "unknown");
    }

    /// <summary>Asks Vault about the role's own token: does the login work?</summary>
    public Task LookUpSelfAsync(VaultRole role, CancellationToken cancellationToken) =>
        vault.SendAsync(role, new VaultRequest(HttpMethod.Get, "auth/token/lookup-self"), cancellationToken);

    /// <summary>Whether something is at a path that the role may read.</summary>
    public Task<Presence> LookAsync(VaultRole role, string path, CancellationToken cancellationToken) =>
        LookAsync(role, new VaultRequest(HttpMethod.Get, VaultPath.Of(path)), cancellationToken);

    /// <summary>Whether a list that the role may see has entries.</summary>
    public Task<Presence> LookForListAsync(VaultRole role, string path, CancellationToken cancellationToken) =>
        LookAsync(role, new VaultRequest(HttpMethod.Get, VaultPath.Of(path)) { Query = "list=true" }, cancellationToken);

    private async Task<Presence> LookAsync(VaultRole role, VaultRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await vault.SendAsync(role, request, cancellationToken) is null ? Presence.Missing : Presence.There;
        }
        catch (VaultException failure) when (failure.Status is 404)
        {
            return Presence.NotMounted;
        }
    }

    public async Task<string?> PolicyAsync(VaultRole role, string name, CancellationToken cancellationToken)
    {
        var path = VaultPath.Of("sys/policies/acl", VaultPath.Name(name));
        return await vault.SendAsync(role, new VaultRequest(HttpMethod.Get, path), cancellationToken) is { } answer
            ? VaultJson.Read(path, answer, VaultJson.Default.AnswerPolicyData).Data?.Policy
            : null;
    }

    /// <summary>What the role's own token may do at the paths; <c>deny</c> alone where it may do nothing.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> CapabilitiesAsync(
        VaultRole role, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        const string path = "sys/capabilities-self";
        var body = VaultJson.Write(new CapabilitiesBody(paths), VaultJson.Default.CapabilitiesBody);
        var answer = await vault.SendAsync(role, new VaultRequest(HttpMethod.Post, path, body), cancellationToken);
        var data = VaultJson.Read(path, answer ?? [], VaultJson.Default.AnswerDictionaryStringJsonElement).Data
            ?? throw VaultErrors.NotUnderstood(path);
        return paths.ToDictionary(asked => asked, asked => data.TryGetValue(asked, out var capabilities) ? Texts(capabilities) : []);
    }

    public async Task<IReadOnlyList<IrrevocableLease>> IrrevocableLeasesAsync(VaultRole role, CancellationToken cancellationToken)
    {
        const string path = "sys/leases";
        var answer = await vault.SendAsync(role, new VaultRequest(HttpMethod.Get, path) { Query = "type=irrevocable" }, cancellationToken);
        var data = VaultJson.Read(path, answer ?? [], VaultJson.Default.AnswerLeasesData).Data;
        return [.. (data?.Leases ?? []).Select(lease => new IrrevocableLease(lease.LeaseId ?? "", lease.Error ?? ""))];
    }

    private static IReadOnlyList<string> Texts(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(item => item.GetString() ?? "")] : [];
}
