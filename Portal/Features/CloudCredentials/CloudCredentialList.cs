using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.CloudCredentials;

/// <summary>Which part of a list is looked at.</summary>
public enum CloudFilter
{
    All,

    /// <summary>The cloud refuses it, or it lacks something.</summary>
    Failing,

    /// <summary>No cloud ever found its values good.</summary>
    Unverified,

    /// <summary>It ends within <see cref="CloudCredentialView.SoonFrom"/>.</summary>
    Ending,

    /// <summary>Its values are older than <see cref="CloudCredentialView.OldFrom"/>.</summary>
    Old,

    /// <summary>Registered by the one who asks.</summary>
    Own,
}

public enum CloudOrder
{
    Name,
    Team,

    /// <summary>Oldest values first.</summary>
    Age,

    /// <summary>Longest not verified first.</summary>
    Verified,

    /// <summary>Soonest end first.</summary>
    End,
}

/// <param name="Text">Part of a name, a tag, a login or a type; empty for all.</param>
/// <param name="Team">The portal's name; null for all.</param>
/// <param name="Skip">How many rows come before the page.</param>
public sealed record CloudListWish(string Text = "", string? Team = null, string? Type = null, string? Tag = null, CloudFilter Filter = CloudFilter.All, CloudOrder Order = CloudOrder.Name, int Skip = 0, int Take = 50);

/// <param name="Total">Rows on all pages.</param>
/// <param name="Teams">Names of all teams whose credentials the person may see.</param>
/// <param name="AdminOf">Those of them that the person may administer.</param>
public sealed record CloudListPage(IReadOnlyList<CloudCredentialView> Items, int Total, IReadOnlyList<string> Teams, IReadOnlyList<string> AdminOf);

/// <summary>Lists and finds cloud credentials out of the index alone: no page of a list asks Vault.</summary>
public sealed class CloudCredentialList(IDbContextFactory<PortalDb> databases, CloudAccess accesses, TimeProvider time)
{
    public async Task<CloudListPage> ListAsync(Actor actor, CloudListWish wish, CancellationToken cancellationToken)
    {
        var reader = await accesses.OfAsync(actor, now: false, cancellationToken);
        var teams = await accesses.ListTeamsAsync(reader, cancellationToken);
        var seen = teams.Where(team => wish.Team is null || team.Name == wish.Team).ToDictionary(team => team.Id, team => team.Name);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = Matching(Live(db, seen.Keys), wish, reader);
        var total = await rows.CountAsync(cancellationToken);
        var page = await Ordered(db, rows, wish.Order).Skip(wish.Skip).Take(wish.Take).AsNoTracking().ToListAsync(cancellationToken);
        return new(
            [.. page.Select(row => CloudCredentialView.Of(row, seen[row.TeamId], reader.MayManage(row)))],
            total,
            [.. teams.Select(team => team.Name)],
            [.. teams.Where(team => reader.MayAdminister(team.Id)).Select(team => team.Name)]);
    }

    /// <summary>One page of a team's, latest registered first; null when the team is not there for the one who asks.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="team">The portal's name.</param>
    /// <param name="tag">Those that bear it; null for all.</param>
    /// <param name="type">Of this type; null for all.</param>
    /// <param name="wish">Which page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>One more than the limit.</returns>
    public async Task<IReadOnlyList<CloudCredentialView>?> ListAsync(
        Actor actor, string team, string? tag, string? type, PageWish wish, CancellationToken cancellationToken)
    {
        var reader = await accesses.OfAsync(actor, now: false, cancellationToken);
        if (await accesses.FindTeamAsync(reader, team, cancellationToken) is not { } found)
            return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = Matching(Live(db, [found.Id]), new(Type: type, Tag: tag), reader);
        if (wish.After is { } after)
        {
            rows = rows.Where(row => row.RegisteredAt < after.At || (row.RegisteredAt == after.At && row.Id.CompareTo(after.Id) < 0));
        }

        var page = await rows.OrderByDescending(row => row.RegisteredAt).ThenByDescending(row => row.Id).Take(wish.Limit + 1).AsNoTracking().ToListAsync(cancellationToken);
        return [.. page.Select(row => CloudCredentialView.Of(row, found.Name, reader.MayManage(row)))];
    }

    /// <summary>Null when it is not there, or not for the one who asks.</summary>
    public async Task<CloudCredentialView?> FindAsync(Actor actor, string team, string name, CancellationToken cancellationToken)
    {
        var reader = await accesses.OfAsync(actor, now: false, cancellationToken);
        return await FindRowAsync(reader, team, name, cancellationToken) is var (row, teamName)
            ? CloudCredentialView.Of(row, teamName, reader.MayManage(row))
            : null;
    }

    /// <summary>Latest first; null when the credential is not there for the one who asks.</summary>
    public async Task<IReadOnlyList<CloudVersionView>?> ListVersionsAsync(Actor actor, string team, string name, CancellationToken cancellationToken)
    {
        var reader = await accesses.OfAsync(actor, now: false, cancellationToken);
        return await FindRowAsync(reader, team, name, cancellationToken) is var (row, _) ? await VersionsAsync(row, 0, cancellationToken) : null;
    }

    /// <param name="row">Whose.</param>
    /// <param name="after">Only those after this one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<CloudVersionView>> VersionsAsync(CloudCredential row, int after, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var versions = await db.CloudVersions.AsNoTracking().Where(version => version.CredentialId == row.Id && version.Number > after)
            .OrderByDescending(version => version.Number).ToListAsync(cancellationToken);
        return [.. versions.Select(version => new CloudVersionView(
            version.Number, version.At, version.ByLogin, version.Act, version.Changed, version.Number == row.Version, version.IsGone))];
    }

    /// <summary>The row, and the team's name; null when it is not there, or not for the one who asks.</summary>
    public async Task<(CloudCredential Row, string Team)?> FindRowAsync(CloudReader reader, string team, string name, CancellationToken cancellationToken)
    {
        if (await accesses.FindTeamAsync(reader, team, cancellationToken) is not { } found)
            return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await Live(db, [found.Id]).AsNoTracking().SingleOrDefaultAsync(row => row.Name == name, cancellationToken) is { } row ? (row, found.Name) : null;
    }

    private static IQueryable<CloudCredential> Live(PortalDb db, IEnumerable<Guid> teams) =>
        db.CloudCredentials.Where(row => teams.Contains(row.TeamId) && row.State != CloudState.Revoked);

    private IQueryable<CloudCredential> Matching(IQueryable<CloudCredential> rows, CloudListWish wish, CloudReader reader)
    {
        var (now, text) = (time.GetUtcNow(), wish.Text.Trim());
        var (soon, old) = (now + CloudCredentialView.SoonFrom, now - CloudCredentialView.OldFrom);
        if (text.Length > 0)
        {
            var part = $"%{text.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_")}%";
            rows = rows.Where(row =>
                EF.Functions.Like(row.Name, part, "\\") || EF.Functions.Like(row.Tags, part, "\\")
                || EF.Functions.Like(row.OwnerLogin, part, "\\") || EF.Functions.Like(row.Type, part, "\\"));
        }

        if (wish.Type is { } type)
            rows = rows.Where(row => row.Type == type);
        if (wish.Tag is { } tag)
            rows = rows.Where(row => row.Tags.Contains($" {tag} "));
        return wish.Filter switch
        {
            CloudFilter.Failing => rows.Where(row => row.Standing == CloudStanding.Failing),
            CloudFilter.Unverified => rows.Where(row => row.VerifiedAt == null),
            CloudFilter.Ending => rows.Where(row => row.EndsAt <= soon),
            CloudFilter.Old => rows.Where(row => row.RotatedAt <= old),
            CloudFilter.Own => rows.Where(row => row.OwnerProvider == reader.Who.Provider && row.OwnerSubject == reader.Who.Subject),
            _ => rows,
        };
    }

    private static IQueryable<CloudCredential> Ordered(PortalDb db, IQueryable<CloudCredential> rows, CloudOrder order) => (order switch
    {
        CloudOrder.Team => rows.OrderBy(row => db.Set<Teams.Team>().Where(team => team.Id == row.TeamId).Select(team => team.Name).First()).ThenBy(row => row.Name),
        CloudOrder.Age => rows.OrderBy(row => row.RotatedAt).ThenBy(row => row.Name),
        CloudOrder.Verified => rows.OrderBy(row => row.VerifiedAt != null).ThenBy(row => row.VerifiedAt).ThenBy(row => row.Name),
        CloudOrder.End => rows.OrderBy(row => row.EndsAt == null).ThenBy(row => row.EndsAt).ThenBy(row => row.Name),
        _ => rows.OrderBy(row => row.Name),
    }).ThenBy(row => row.Id);
}
