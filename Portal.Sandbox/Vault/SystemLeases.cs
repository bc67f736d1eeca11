using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary><c>sys/leases</c>, and the older paths without the folder.</summary>
internal sealed class SystemLeases(VaultCore core)
{
    public void AddPaths(PathTable paths)
    {
        paths.On("leases").Read(Irrevocable);
        paths.On("leases/count").Read(CountIrrevocable);
        paths.On("leases/lookup").Write(LookUp).List(request => List(""));
        paths.On("leases/lookup/{prefix*}").List(request => List(request.Captured["prefix"]));
        foreach (var folder in new[] { "leases/", "" })
        {
            paths.On($"{folder}renew").Write(RenewAsync);
            paths.On($"{folder}renew/{{url_lease_id*}}").Write(RenewAsync);
            paths.On($"{folder}revoke").Write(RevokeAsync);
            paths.On($"{folder}revoke/{{url_lease_id*}}").Write(RevokeAsync);
            paths.On($"{folder}revoke-prefix/{{prefix*}}").Write(RevokePrefixAsync);
            paths.On($"{folder}revoke-force/{{prefix*}}").Write(RevokeForceAsync);
        }

        paths.On("leases/tidy").Write(_ => new Answer { Status = 202, Warnings = ["Tidy operation successfully started. Any information from the operation will be printed to Vault's server logs."] });
    }

    private static string LeaseId(VaultRequest request)
    {
        var id = request.Fields.Text("lease_id") is { Length: > 0 } named ? named : request.Captured.GetValueOrDefault("url_lease_id", "");
        return id.Length > 0 ? id : throw VaultError.Invalid("lease_id must be specified");
    }

    private static Answer Accepted() => new() { Status = 202, IsEmpty = true };

    private Answer LookUp(VaultRequest request)
    {
        var lease = core.Leases.Find(LeaseId(request)) ?? throw VaultError.Invalid("invalid lease");
        return Answer.Of(new JsonObject
        {
            ["id"] = lease.Id,
            ["issue_time"] = Json.Time(lease.Issued),
            ["expire_time"] = Json.Time(lease.Expires),
            ["last_renewal"] = lease.Renewed is { } renewed ? Json.Time(renewed) : null,
            ["renewable"] = true,
            ["ttl"] = (long)Math.Max(0, (lease.Expires - core.Time.GetUtcNow()).TotalSeconds),
        });
    }

    /// <summary>The next part of each lease below the prefix, folders with a slash.</summary>
    private Answer? List(string prefix)
    {
        prefix = prefix.Length == 0 || prefix.EndsWith('/') ? prefix : prefix + '/';
        return Answer.Keys(core.Leases.Below(prefix)
            .Select(lease => lease.Id[prefix.Length..])
            .Select(rest => rest.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? rest[..(slash + 1)] : rest)
            .Distinct());
    }

    private async Task<Answer?> RenewAsync(VaultRequest request)
    {
        var (lease, warnings) = await core.Leases.RenewAsync(LeaseId(request), request.Fields.Span("increment"));
        return new Answer { Lease = lease, Warnings = warnings };
    }

    private async Task<Answer?> RevokeAsync(VaultRequest request)
    {
        var lease = core.Leases.Find(LeaseId(request));
        if (!request.Fields.Flag("sync", true))
        {
            if (lease is not null)
                core.Leases.RevokeLater(lease);
            return Accepted();
        }

        if (lease is not null)
            await core.Leases.RevokeAsync(lease);
        return null;
    }

    private async Task<Answer?> RevokePrefixAsync(VaultRequest request)
    {
        var (prefix, isSync) = (request.Captured["prefix"].TrimEnd('/') + '/', request.Fields.Flag("sync", true));
        // A token's own lease lies at the path that gave it out.
        core.Tokens.RevokeFrom(prefix);
        foreach (var lease in core.Leases.Below(prefix))
        {
            if (!isSync)
            {
                core.Leases.RevokeLater(lease);
                continue;
            }

            try
            {
                await core.Leases.RevokeAsync(lease);
            }
            catch (VaultError e)
            {
                throw VaultError.Invalid($"failed to revoke \"{lease.Id}\": {e.Message}");
            }
        }

        return isSync ? null : Accepted();
    }

    private async Task<Answer?> RevokeForceAsync(VaultRequest request)
    {
        foreach (var lease in core.Leases.Below(request.Captured["prefix"].TrimEnd('/') + '/'))
            await core.Leases.ForceAsync(lease);
        return null;
    }

    private Answer Irrevocable(VaultRequest request)
    {
        RequireIrrevocable(request);
        var leases = core.Leases.Irrevocable.ToList();
        return Answer.Of(new JsonObject
        {
            ["lease_count"] = leases.Count,
            ["leases"] = new JsonArray([.. leases.Select(lease => (JsonNode)new JsonObject { ["lease_id"] = lease.Id, ["error"] = lease.Irrevocable })]),
        });
    }

    private Answer CountIrrevocable(VaultRequest request)
    {
        RequireIrrevocable(request);
        var counts = core.Leases.Irrevocable.CountBy(lease => lease.Mount.Accessor).ToList();
        return Answer.Of(new JsonObject
        {
            ["lease_count"] = counts.Sum(count => count.Value),
            ["counts"] = new JsonObject([.. counts.Select(count => KeyValuePair.Create(count.Key, (JsonNode?)count.Value))]),
        });
    }

    private static void RequireIrrevocable(VaultRequest request)
    {
        var type = request.Fields.Text("type", "irrevocable");
        if (type != "irrevocable")
            throw VaultError.Invalid($"type is required; valid options are: [irrevocable], got \"{type}\"");
    }
}
