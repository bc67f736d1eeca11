using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Teams;
using Portal.Vault;

namespace Portal.Features.CloudCredentials;

/// <summary>The command <c>rebuild-index</c>: makes the index of cloud credentials say what Vault says, also out of nothing.</summary>
public static class RebuildIndex
{
    private const int Fine = 0;
    private const int Failed = 1;
    private const int Mistaken = 2;

    private const string Usage =
        """
        Usage: dotnet Portal.dll rebuild-index
        Reads all cloud credentials in Vault and makes the portal's index say the same. Nothing in Vault changes.
        Run it after the portal's database was lost or restored; teams come back by `apply`, before or after.
        """;

    /// <returns>0 fine, 1 failed, 2 mistakes in the flags.</returns>
    public static async Task<int> RunAsync(string[] args, IServiceProvider services, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (args.Contains("--help"))
        {
            await output.WriteLineAsync(Usage);
            return Fine;
        }

        if (args.Length > 0)
        {
            await error.WriteLineAsync($"rebuild-index takes no arguments; {args[0]} is one.");
            return Mistaken;
        }

        try
        {
            var databases = services.GetRequiredService<IDbContextFactory<PortalDb>>();
            await using (var db = await databases.CreateDbContextAsync(cancellationToken))
            {
                // Migrating takes a lock, also when there is nothing to do.
                if ((await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
                    await db.Database.MigrateAsync(cancellationToken);
            }

            await services.GetRequiredService<AuditKey>().GetAsync(cancellationToken);
            return await RunAsync(databases, services.GetRequiredService<CloudVault>(), services.GetRequiredService<CloudIndex>(), output, error, cancellationToken);
        }
        catch (VaultException exception)
        {
            await error.WriteLineAsync(exception.Message);
        }
        catch (Exception exception) when (exception is DbException or DbUpdateException)
        {
            await error.WriteLineAsync($"The portal's database does not take it: {(exception.InnerException ?? exception).Message}");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await error.WriteLineAsync("Interrupted. What is done stays; run it again for the rest.");
        }

        return Failed;
    }

    private static async Task<int> RunAsync(
        IDbContextFactory<PortalDb> databases, CloudVault vault, CloudIndex index, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var (total, foreign) = (0, new List<string>());
        foreach (var team in (await TeamsAsync(databases, vault, cancellationToken)).OrderBy(team => team.Name, StringComparer.Ordinal))
        {
            var names = await vault.ListNamesAsync(team.Id, cancellationToken);
            var count = 0;
            foreach (var name in names.Union(await IndexedAsync(databases, team.Id, cancellationToken)).Order(StringComparer.Ordinal))
            {
                var place = new CloudPlace(team.Id, name);
                if (await index.SettleAsync(place, cancellationToken))
                    count++;
                else if (names.Contains(name) && (await vault.ListVersionsAsync(place, cancellationToken)).Count > 0)
                    foreign.Add(place.Path);
            }

            if (count > 0 || names.Count > 0)
                await output.WriteLineAsync($"team {team.Name}: {Count(count)}");
            total += count;
        }

        foreach (var path in foreign)
            await error.WriteLineAsync($"{path}: was not written by the portal, and is not listed");
        await output.WriteLineAsync($"{Count(total)} in the index");
        return Fine;
    }

    private static async Task<IReadOnlyList<TeamName>> TeamsAsync(IDbContextFactory<PortalDb> databases, CloudVault vault, CancellationToken cancellationToken)
    {
        var ids = await vault.ListTeamsAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var indexed = await db.CloudCredentials.Where(row => row.State != CloudState.Revoked).Select(row => row.TeamId).Distinct().ToListAsync(cancellationToken);
        var named = await db.Teams.ToDictionaryAsync(team => team.Id, team => team.Name, cancellationToken);
        return [.. ids.Union(indexed).Select(id => new TeamName(id, named.GetValueOrDefault(id, $"{id} (not adopted now: apply brings it back)")))];
    }

    private static async Task<IReadOnlyList<string>> IndexedAsync(IDbContextFactory<PortalDb> databases, Guid teamId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.CloudCredentials.Where(row => row.TeamId == teamId && row.State != CloudState.Revoked).Select(row => row.Name).ToListAsync(cancellationToken);
    }

    private static string Count(int count) => count == 1 ? "1 cloud credential" : $"{count} cloud credentials";
}
