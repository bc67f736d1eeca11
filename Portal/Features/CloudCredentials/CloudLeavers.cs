using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Shell;

namespace Portal.Features.CloudCredentials;

/// <summary>A value in use that is known to somebody who is in the team no more.</summary>
/// <param name="Login">As it was then.</param>
/// <param name="HasSet">The person gave the value; else it was revealed to them.</param>
public sealed record KnownToLeaver(string Login, string Credential, string Field, bool HasSet, DateTimeOffset At);

/// <param name="IsAsked">The provider just said who is in the team; else it is what the portal knew last, and somebody may be missing here.</param>
public sealed record LeaverList(IReadOnlyList<KnownToLeaver> Items, bool IsAsked);

/// <summary>Tells the admins of a team which values those who left still know: what they saw or gave since it was last rotated.</summary>
public sealed class CloudLeavers(IDbContextFactory<PortalDb> databases, CloudAccess accesses, TeamMembers members, IOptions<PortalOptions> portal)
{
    /// <returns>Null for all but the team's admins.</returns>
    public async Task<LeaverList?> ListAsync(Actor actor, string team, CancellationToken cancellationToken)
    {
        var reader = await accesses.OfAsync(actor, now: true, cancellationToken);
        if (await accesses.FindTeamAsync(reader, team, cancellationToken) is not { } found || !reader.MayAdminister(found.Id))
            return null;
        var asked = await members.AskAsync(actor, found.Id, cancellationToken);

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await db.CloudCredentials.AsNoTracking().Where(row => row.TeamId == found.Id && row.State == CloudState.Active).ToListAsync(cancellationToken);
        var ids = rows.ConvertAll(row => row.Id);
        var reveals = await db.CloudReveals.AsNoTracking().Where(reveal => ids.Contains(reveal.CredentialId)).ToListAsync(cancellationToken);
        var versions = await db.CloudVersions.AsNoTracking().Where(version => ids.Contains(version.CredentialId)).ToListAsync(cancellationToken);
        var here = await HereAsync(db, found.Id, asked, cancellationToken);

        // Only values that rest in Vault alone are worth a word.
        var secrets = rows.SelectMany(row => row.Fields.Where(field => field.Value is null).Select(field => (Row: row, Field: field))).ToList();
        var seen = secrets.SelectMany(secret => reveals
            .Where(reveal => reveal.CredentialId == secret.Row.Id && reveal.Field == secret.Field.Name && reveal.Since == secret.Field.Since)
            .Select(reveal => (reveal.Who, Known: new KnownToLeaver(reveal.Login, secret.Row.Name, secret.Field.Name, HasSet: false, reveal.At))));
        var set = secrets.SelectMany(secret => versions
            .Where(version => version.CredentialId == secret.Row.Id && version.Number == secret.Field.Since && version.BySubject.Length > 0)
            .Select(version => (Who: version.By, Known: new KnownToLeaver(version.ByLogin, secret.Row.Name, secret.Field.Name, HasSet: true, version.At))));
        return new(
            [.. seen.Concat(set)
                .Where(known => !here.Contains((known.Who.Provider, known.Who.Subject)))
                .GroupBy(known => (known.Who.Provider, known.Who.Subject, known.Known.Credential, known.Known.Field))
                .Select(same => same.MaxBy(known => known.Known.At).Known)
                .OrderBy(known => known.Credential, StringComparer.Ordinal).ThenBy(known => known.Field, StringComparer.Ordinal).ThenBy(known => known.Login, StringComparer.Ordinal)],
            asked is not null);
    }

    // A portal admin never was in the team, and has not left.
    private async Task<IReadOnlySet<(string Provider, string Subject)>> HereAsync(PortalDb db, Guid teamId, IReadOnlySet<string>? asked, CancellationToken cancellationToken)
    {
        var admins = portal.Value.AdminTeam;
        var known = await db.Memberships.AsNoTracking()
            .Where(membership => membership.User.SuspendedAt == null && (membership.TeamId == teamId || membership.Team.Name == admins))
            .Select(membership => new { membership.User.Provider, membership.User.Subject, IsAdmin = membership.Team.Name == admins }).ToListAsync(cancellationToken);
        return known.Where(person => person.IsAdmin || asked is null).Select(person => (person.Provider, person.Subject))
            .Concat((asked ?? new HashSet<string>()).Select(subject => (GitHubOptions.Provider, subject))).ToHashSet();
    }
}
