using System.Text.Json.Nodes;
using Portal.Vault;

namespace Portal.Features.Access;

/// <summary>What access files made in Vault and the file no longer names.</summary>
/// <param name="Waiting">What must stay for now, and until when.</param>
public sealed record Leftovers(IReadOnlyList<VaultDifference> Deletions, IReadOnlyList<string> Waiting);

/// <summary>
/// Finds what may be deleted from Vault. A role stays while credentials live under it, a connection while roles use it:
/// Vault could not end those users any more.
/// </summary>
public sealed class VaultLeftovers(VaultAdmin vault, VaultNames names, VaultDatabaseRoles roles, VaultSshRoles sshRoles)
{
    /// <param name="own">Roles and connections that the portal's database has, or had before this run.</param>
    /// <param name="live">How many credentials live under a role.</param>
    public async Task<Leftovers> FindAsync(AccessFile file, OwnNames own, IReadOnlyDictionary<string, int> live, CancellationToken cancellationToken)
    {
        var deletions = new List<VaultDifference>();
        var waiting = new List<string>();
        var gone = new HashSet<string>();
        var named = file.Connections.SelectMany(connection => connection.Roles).Select(role => role.Name);
        foreach (var role in own.Roles.Union(await roles.ListOwnAsync(cancellationToken)).Except(named).Order(StringComparer.Ordinal))
        {
            var count = Math.Max(live.GetValueOrDefault(role), await CountLeasesAsync(role, cancellationToken));
            if (count > 0)
            {
                waiting.Add($"{AccessChange.Role(role)}: stays in Vault until {Count(count)} ended; run again then");
                continue;
            }

            gone.Add(role);
            deletions.Add(new(new(ChangeKind.Removed, AccessChange.Role(role), []), ct => roles.DeleteAsync(role, ct)));
        }

        await FindConnectionsAsync(file, own, gone, deletions, waiting, cancellationToken);
        deletions.AddRange(await sshRoles.FindLeftoversAsync(file, own.SshRoles, cancellationToken));
        return new Leftovers(deletions, waiting);
    }

    private async Task FindConnectionsAsync(
        AccessFile file, OwnNames own, HashSet<string> gone, List<VaultDifference> deletions, List<string> waiting, CancellationToken cancellationToken)
    {
        var candidates = own.Connections.Union(await ListOwnConnectionsAsync(cancellationToken))
            .Except(file.Connections.Select(connection => connection.Name)).Order(StringComparer.Ordinal).ToList();
        if (candidates.Count == 0)
            return;

        var users = await roles.UsersOfConnectionsAsync(gone, cancellationToken);
        foreach (var connection in candidates)
        {
            if (users.TryGetValue(connection, out var role))
                waiting.Add($"{AccessChange.Connection(connection)}: stays in Vault while its role {role} is there");
            else
                deletions.Add(new(new(ChangeKind.Removed, AccessChange.Connection(connection), []), ct => vault.DeleteAsync(Config(connection), ct)));
        }
    }

    private async Task<IReadOnlyList<string>> ListOwnConnectionsAsync(CancellationToken cancellationToken)
    {
        var own = new List<string>();
        foreach (var connection in await vault.ListAsync($"{names.Database}/config", cancellationToken))
        {
            var found = await vault.ReadAsync(Config(connection), cancellationToken);
            if (found?["connection_details"] is JsonObject details && details.ContainsKey(VaultConnections.CheckKey))
                own.Add(connection);
        }

        return own;
    }

    // Leases that others asked Vault for. The list takes more rights than the portal's own login has; then only its own count.
    private async Task<int> CountLeasesAsync(string role, CancellationToken cancellationToken)
    {
        try
        {
            return (await vault.ListAsync($"sys/leases/lookup/{names.Database}/creds/{role}", cancellationToken)).Count;
        }
        catch (VaultException exception) when (exception.Failure is VaultFailure.Denied)
        {
            return 0;
        }
    }

    private string Config(string connection) => $"{names.Database}/config/{connection}";

    private static string Count(int credentials) => credentials == 1 ? "1 credential has" : $"{credentials} credentials have";
}

/// <summary>Names of roles and connections that the portal's database has.</summary>
public sealed record OwnNames(IReadOnlyList<string> Roles, IReadOnlyList<string> Connections, IReadOnlyList<string> SshRoles);
