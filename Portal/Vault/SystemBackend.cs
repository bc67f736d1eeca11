using System.Text.Json;

namespace Portal.Vault;

public sealed record SealStatus(bool Initialized, bool Sealed, string Version);

/// <summary>A lease that Vault has given up to revoke.</summary>
public sealed record IrrevocableLease(string LeaseId, string Error);

/// <summary>What Vault says of itself.</summary>
public sealed class SystemBackend(VaultClient vault, VaultTransport transport)
{
    /// <summary>Needs no login, and answers while Vault is sealed.</summary>
    public async Task<SealStatus> SealStatusAsync(CancellationToken ct)
    {
        const string path = "sys/seal-status";
        var answer = await transport.SendAsync(new VaultRequest(HttpMethod.Get, path), token: null, ct);
        var status = VaultJson.Read(path, answer ?? [], VaultJson.Default.SealStatusAnswer);
        return new SealStatus(status.Initialized, status.Sealed, status.Version ?? "unknown");
    }

    /// <summary>Asks Vault about the role's own token: does the login work?</summary>
    public Task LookUpSelfAsync(VaultRole role, CancellationToken ct) =>
        vault.SendAsync(role, new VaultRequest(HttpMethod.Get, "auth/token/lookup-self"), ct);

    /// <summary>Whether something is at a path that the role may read.</summary>
    public async Task<bool> IsThereAsync(VaultRole role, string path, CancellationToken ct)
    {
        try
        {
            return await vault.SendAsync(role, new VaultRequest(HttpMethod.Get, VaultPath.Of(path)), ct) is not null;
        }
        catch (VaultException failure) when (failure.Status is 404)
        {
            return false;
        }
    }

    /// <summary>Whether something is mounted, told by a list that the role may see and that may be empty.</summary>
    public async Task<bool> IsMountedAsync(VaultRole role, string list, CancellationToken ct)
    {
        try
        {
            await vault.SendAsync(role, new VaultRequest(HttpMethod.Get, VaultPath.Of(list)) { Query = "list=true" }, ct);
            return true;
        }
        catch (VaultException failure) when (failure.Status is 404)
        {
            return false;
        }
    }

    public async Task<string?> PolicyAsync(VaultRole role, string name, CancellationToken ct)
    {
        var path = VaultPath.Of("sys/policies/acl", VaultPath.Name(name));
        return await vault.SendAsync(role, new VaultRequest(HttpMethod.Get, path), ct) is { } answer
            ? VaultJson.Read(path, answer, VaultJson.Default.AnswerPolicyData).Data?.Policy
            : null;
    }

    /// <summary>What the role's own token may do at the paths; <c>deny</c> alone where it may do nothing.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> CapabilitiesAsync(VaultRole role, IReadOnlyList<string> paths, CancellationToken ct)
    {
        const string path = "sys/capabilities-self";
        var body = VaultJson.Write(new CapabilitiesBody(paths), VaultJson.Default.CapabilitiesBody);
        var answer = await vault.SendAsync(role, new VaultRequest(HttpMethod.Post, path, body), ct);
        var data = VaultJson.Read(path, answer ?? [], VaultJson.Default.AnswerDictionaryStringJsonElement).Data ?? throw VaultErrors.NotUnderstood(path);
        return paths.ToDictionary(asked => asked, asked => data.TryGetValue(asked, out var capabilities) ? Texts(capabilities) : []);
    }

    public async Task<IReadOnlyList<IrrevocableLease>> IrrevocableLeasesAsync(VaultRole role, CancellationToken ct)
    {
        const string path = "sys/leases";
        var answer = await vault.SendAsync(role, new VaultRequest(HttpMethod.Get, path) { Query = "type=irrevocable" }, ct);
        var data = VaultJson.Read(path, answer ?? [], VaultJson.Default.AnswerLeasesData).Data;
        return [.. (data?.Leases ?? []).Select(lease => new IrrevocableLease(lease.LeaseId ?? "", lease.Error ?? ""))];
    }

    private static IReadOnlyList<string> Texts(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(item => item.GetString() ?? "")] : [];
}
