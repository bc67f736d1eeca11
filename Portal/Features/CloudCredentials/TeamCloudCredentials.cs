using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Vault;

namespace Portal.Features.CloudCredentials;

/// <summary>
/// Registers, changes and restores a team's cloud credentials. Vault has the say: a place is marked, then written with check-and-set, then
/// recorded in the index; a crash anywhere between leaves the mark, by which <see cref="CloudIndex"/> looks again.
/// </summary>
public sealed class TeamCloudCredentials(
    IDbContextFactory<PortalDb> databases,
    CloudAccess accesses,
    CloudTypes types,
    CloudVault vault,
    CloudIndex index,
    CloudCredentialList list,
    CloudVerification verification,
    CloudCheckTimes checks,
    AuditTrail audit,
    IOptions<CloudCredentialsOptions> options,
    TimeProvider time)
{
    /// <exception cref="VaultException">Vault did not keep it.</exception>
    /// <exception cref="SignedOutException">The session is over.</exception>
    public async Task<CloudOutcome> RegisterAsync(Actor actor, string team, CloudRegistration wish, CancellationToken cancellationToken)
    {
        var reader = await accesses.OfAsync(actor, now: true, cancellationToken);
        if (await accesses.FindTeamAsync(reader, team, cancellationToken) is not { } found)
            return new CloudOutcome.NotFound();

        var errors = new Dictionary<string, string>();
        if (CloudRules.CheckName(wish.Name) is { } wrongName)
            errors["name"] = wrongName;
        if (CloudRules.CheckTags(wish.Tags) is { } wrongTags)
            errors["tags"] = wrongTags;
        if (CloudRules.CheckEnd(wish.EndsAt, time.GetUtcNow()) is { } wrongEnd)
            errors["endsAt"] = wrongEnd;
        var type = types.Find(wish.Type);
        if (type is null)
            errors["type"] = $"There is no such type: types are {string.Join(", ", types.All.Select(known => known.Name))}.";
        var values = type is null ? CloudValues.None : CloudValues.Read(type, CloudValues.None, wish.Values, wish.File, errors);
        if (errors.Count > 0)
            return new CloudOutcome.Rejected(errors);

        var place = new CloudPlace(found.Id, wish.Name);
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            var kept = db.CloudCredentials.Where(row => row.TeamId == found.Id && row.State != CloudState.Revoked);
            if (await kept.AnyAsync(row => row.Name == wish.Name, cancellationToken))
                return new CloudOutcome.NameTaken(wish.Name);
            if (await kept.CountAsync(cancellationToken) >= options.Value.MostPerTeam)
            {
                return new CloudOutcome.Rejected(new Dictionary<string, string>
                {
                    ["name"] = $"The team keeps {options.Value.MostPerTeam} cloud credentials, which is as many as one team may. Revoke those that nobody uses.",
                });
            }
        }

        var verdict = wish.Verify ? await verification.AskAsync(type!.Name, values, reader, cancellationToken) : null;
        if (verdict is not (null or CloudVerdict.Good))
            return await verification.RefuseAsync(reader, $"{wish.Name} of {found.Name}", null, verdict, cancellationToken);

        var now = time.GetUtcNow();
        var document = new CloudDocument
        {
            Id = Guid.CreateVersion7(now), Type = type!.Name, Values = values, Tags = CloudValues.Tags(wish.Tags), EndsAt = wish.EndsAt, Owner = reader.Who, RegisteredAt = now,
            By = reader.Who, At = now, Act = "registered", Changed = [.. values.Keys],
            Since = values.ToDictionary(value => value.Key, _ => 1), SinceAt = values.ToDictionary(value => value.Key, _ => now),
        };
        return await WriteAsync(reader, found.Name, place, document, null, "cloud.register", verdict, cancellationToken);
    }

    /// <inheritdoc cref="RegisterAsync"/>
    public async Task<CloudOutcome> ChangeAsync(Actor actor, string team, string name, CloudChange wish, CancellationToken cancellationToken)
    {
        var reader = await accesses.OfAsync(actor, now: true, cancellationToken);
        if (await OpenAsync(reader, team, name, wish.Tag, cancellationToken) is var (row, teamName, before, refusal) && refusal is not null)
            return refusal;

        var errors = new Dictionary<string, string>();
        if (wish.Tags is not null && CloudRules.CheckTags(wish.Tags) is { } wrongTags)
            errors["tags"] = wrongTags;
        if (wish.SetsEnd && wish.EndsAt != before!.EndsAt && CloudRules.CheckEnd(wish.EndsAt, time.GetUtcNow()) is { } wrongEnd)
            errors["endsAt"] = wrongEnd;
        var type = types.Find(before!.Type);
        if (type is null)
            errors["type"] = $"This portal does not know the type {before.Type} any more: the credential can be revoked, but not changed.";
        var values = type is null ? before.Values : CloudValues.Read(type, before.Values, wish.Values, wish.File, errors);
        if (errors.Count > 0)
            return new CloudOutcome.Rejected(errors);

        var changed = CloudValues.Differences(before.Values, values);
        var tags = wish.Tags is null ? before.Tags : CloudValues.Tags(wish.Tags);
        var endsAt = wish.SetsEnd ? wish.EndsAt : before.EndsAt;
        IReadOnlyList<string> all = [.. changed, .. before.Tags.SequenceEqual(tags) ? [] : new[] { "tags" }, .. before.EndsAt == endsAt ? [] : new[] { "endsAt" }];
        if (all.Count == 0)
            return new CloudOutcome.Saved(CloudCredentialView.Of(row, teamName, mayManage: true), null);

        var verdict = wish.Verify && changed.Count > 0 ? await verification.AskAsync(type!.Name, values, reader, cancellationToken) : null;
        if (verdict is not (null or CloudVerdict.Good))
            return await verification.RefuseAsync(reader, $"{row.Name} of {teamName}", row.Id, verdict, cancellationToken);

        var now = time.GetUtcNow();
        var next = row.Version + 1;
        var document = before with
        {
            Values = values, Tags = tags, EndsAt = endsAt, By = reader.Who, At = now, Act = changed.Count > 0 ? "changed" : "settings changed", Changed = all,
            Since = values.ToDictionary(value => value.Key, value => changed.Contains(value.Key) ? next : before.Since.GetValueOrDefault(value.Key, next)),
            SinceAt = values.ToDictionary(value => value.Key, value => changed.Contains(value.Key) ? now : before.SinceAt.GetValueOrDefault(value.Key, now)),
        };
        return await WriteAsync(reader, teamName, new(row.TeamId, row.Name), document, row, "cloud.change", verdict, cancellationToken);
    }

    /// <summary>Makes an earlier version's values those of a new version. Tags and end date stay.</summary>
    /// <param name="tag">As of <see cref="CloudChange"/>.</param>
    /// <inheritdoc cref="RegisterAsync"/>
    public async Task<CloudOutcome> RestoreAsync(Actor actor, string team, string name, int version, string tag, bool verify, CancellationToken cancellationToken)
    {
        var reader = await accesses.OfAsync(actor, now: true, cancellationToken);
        if (await OpenAsync(reader, team, name, tag, cancellationToken, readsLatest: false) is var (row, teamName, _, refusal) && refusal is not null)
            return refusal;
        var place = new CloudPlace(row.TeamId, row.Name);
        var who = new OnBehalfOf(actor.Login, row.Id);
        var earlier = version == row.Version ? null : (await vault.ReadAsync(place, version, who, cancellationToken))?.Document;
        if (earlier is null || earlier.Id != row.Id)
        {
            return new CloudOutcome.Rejected(new Dictionary<string, string>
            {
                ["version"] = version == row.Version ? $"Version {version} is the one in use." : $"There is no version {version} that could be restored.",
            });
        }

        var verdict = verify ? await verification.AskAsync(earlier.Type, earlier.Values, reader, cancellationToken) : null;
        if (verdict is not (null or CloudVerdict.Good))
            return await verification.RefuseAsync(reader, $"{row.Name} of {teamName}", row.Id, verdict, cancellationToken);

        // Null when another hand wrote the latest version: nothing of it is known.
        var latest = (await vault.ReadAsync(place, row.Version, who, cancellationToken))?.Document ?? earlier;
        var document = earlier with
        {
            Tags = row.TagList, EndsAt = row.EndsAt, By = reader.Who, At = time.GetUtcNow(), Act = $"restored from version {version}",
            Changed = CloudValues.Differences(latest.Values, earlier.Values),
        };
        return await WriteAsync(reader, teamName, place, document, row, "cloud.restore", verdict, cancellationToken);
    }

    /// <summary>Removes what an earlier version holds, for good.</summary>
    /// <inheritdoc cref="RegisterAsync"/>
    public async Task<CloudOutcome> DestroyVersionAsync(Actor actor, string team, string name, int version, CancellationToken cancellationToken)
    {
        var reader = await accesses.OfAsync(actor, now: true, cancellationToken);
        if (await list.FindRowAsync(reader, team, name, cancellationToken) is not var (row, teamName))
            return new CloudOutcome.NotFound();
        if (!reader.MayManage(row))
            return new CloudOutcome.NotAllowed(reader.WhyNot(row));
        if (version == row.Version)
            return new CloudOutcome.Rejected(new Dictionary<string, string> { ["version"] = $"Version {version} is the one in use: rotate or restore first, or revoke the credential." });
        var versions = await list.VersionsAsync(row, 0, cancellationToken);
        if (!versions.Any(known => known.Number == version && !known.IsGone))
            return new CloudOutcome.NotFound();

        var place = new CloudPlace(row.TeamId, row.Name);
        var who = new OnBehalfOf(actor.Login, row.Id);
        using var held = await index.HoldAsync(place, cancellationToken);
        // A name that is used again counts from 1 again: not that one's.
        if ((await vault.ReadAsync(place, version, who, cancellationToken))?.Document is { } document && document.Id != row.Id)
            return new CloudOutcome.NotFound();
        await vault.DestroyVersionAsync(place, version, who, cancellationToken);
        await databases.InTransactionAsync(
            async db =>
            {
                await db.CloudVersions.Where(known => known.CredentialId == row.Id && known.Number == version)
                    .ExecuteUpdateAsync(set => set.SetProperty(known => known.IsGone, true), CancellationToken.None);
                await audit.AppendAsync(db, Entry(reader, "cloud.destroy-version", row.Id, $"{row.Name}: version {version}"), CancellationToken.None);
            },
            CancellationToken.None);
        return new CloudOutcome.Saved(CloudCredentialView.Of(row, teamName, mayManage: true), null);
    }

    // What a change builds on, or why there is none.
    private async Task<(CloudCredential Row, string Team, CloudDocument? Latest, CloudOutcome? Refusal)> OpenAsync(
        CloudReader reader, string team, string name, string tag, CancellationToken cancellationToken, bool readsLatest = true)
    {
        if (await list.FindRowAsync(reader, team, name, cancellationToken) is not var (row, teamName) || row.State != CloudState.Active || row.IsDue(time.GetUtcNow()))
            return (null!, "", null, new CloudOutcome.NotFound());
        if (!reader.MayManage(row))
            return (row, teamName, null, new CloudOutcome.NotAllowed(reader.WhyNot(row)));
        if (CloudTag.Read(tag) is not { } basis || basis != new CloudTag(row.Id, row.Version))
            return (row, teamName, null, await ConflictAsync(reader, teamName, row, basis: CloudTag.Read(tag), cancellationToken));
        if (!readsLatest)
            return (row, teamName, null, null);
        var place = new CloudPlace(row.TeamId, row.Name);
        var read = await vault.ReadAsync(place, null, new OnBehalfOf(reader.Actor.Login, row.Id), cancellationToken);
        if (read is { Document: { } latest } && latest.Id == row.Id && read.Version == row.Version)
            return (row, teamName, latest, null);
        if (read is { Document: null } && read.Version == row.Version)
        {
            return (row, teamName, null, new CloudOutcome.Rejected(new Dictionary<string, string>
            {
                ["version"] = $"Version {read.Version} was written outside of the portal, which cannot read it. Restore an earlier version, or revoke the credential.",
            }));
        }

        return (row, teamName, null, await SettledAsync(reader, teamName, row, cancellationToken));
    }

    private async Task<CloudOutcome> WriteAsync(
        CloudReader reader, string team, CloudPlace place, CloudDocument document, CloudCredential? row, string action, CloudVerdict? verdict,
        CancellationToken cancellationToken)
    {
        using var held = await index.HoldAsync(place, cancellationToken);
        var (mark, refusal) = await databases.InTransactionAsync(db => MarkAsync(db, reader, place, row, cancellationToken), cancellationToken);
        if (mark is null)
            return refusal ?? await SettledHeldAsync(reader, team, row!, cancellationToken);

        // A browser that goes away now does not stop it half way.
        var version = await vault.WriteAsync(place, document, row?.Version ?? 0, new OnBehalfOf(reader.Actor.Login, document.Id), CancellationToken.None);
        if (version is not { } written)
            return row is null ? await TakenAsync(place, mark) : await SettledHeldAsync(reader, team, row, CancellationToken.None);

        var recorded = await databases.InTransactionAsync(
            async db =>
            {
                var current = await index.RecordAsync(db, place, document, written, mark, CancellationToken.None);
                if (verdict is not null && current.Version == written)
                    current.Judge(verdict, time.GetUtcNow(), checks.After(verdict));
                var how = verdict is null ? ", not verified" : ", verified";
                await audit.AppendAsync(
                    db, Entry(reader, action, document.Id, $"{place.Name} of {team}, version {written}: {string.Join(", ", document.Changed)}{(document.Act == "settings changed" ? "" : how)}"),
                    CancellationToken.None);
                return current;
            },
            CancellationToken.None);
        // Somebody revoked it meanwhile: what was written is gone, or going.
        return recorded.State == CloudState.Active
            ? new CloudOutcome.Saved(CloudCredentialView.Of(recorded, team, mayManage: true), verdict)
            : new CloudOutcome.NotFound();
    }

    // While a cloud was asked, somebody may have changed or revoked it, or taken the name. Neither: it is another version by now.
    private async Task<(CloudMark? Mark, CloudOutcome? Refusal)> MarkAsync(
        PortalDb db, CloudReader reader, CloudPlace place, CloudCredential? row, CancellationToken cancellationToken)
    {
        if (!await accesses.StillMayAsync(db, reader, place.TeamId, row, cancellationToken))
            return (null, new CloudOutcome.NotFound());
        var now = await db.CloudCredentials.AsNoTracking()
            .SingleOrDefaultAsync(now => now.TeamId == place.TeamId && now.Name == place.Name && now.State != CloudState.Revoked, cancellationToken);
        if (row is null)
            return now is null ? (index.Mark(db, place), null) : (null, new CloudOutcome.NameTaken(place.Name));
        if (now is null || now.Id != row.Id || now.State != CloudState.Active || now.IsDue(time.GetUtcNow()))
            return (null, new CloudOutcome.NotFound());
        return (now.Version == row.Version ? index.Mark(db, place) : null, null);
    }

    // The index did not know of it.
    private async Task<CloudOutcome> TakenAsync(CloudPlace place, CloudMark mark)
    {
        await index.SettleHeldAsync(place, CancellationToken.None);
        await index.UnmarkAsync(mark, CancellationToken.None);
        return new CloudOutcome.NameTaken(place.Name);
    }

    private async Task<CloudOutcome> SettledAsync(CloudReader reader, string team, CloudCredential row, CancellationToken cancellationToken)
    {
        using var held = await index.HoldAsync(new(row.TeamId, row.Name), cancellationToken);
        return await SettledHeldAsync(reader, team, row, cancellationToken);
    }

    private async Task<CloudOutcome> SettledHeldAsync(CloudReader reader, string team, CloudCredential row, CancellationToken cancellationToken)
    {
        await index.SettleHeldAsync(new(row.TeamId, row.Name), cancellationToken);
        return await list.FindRowAsync(reader, team, row.Name, cancellationToken) is var (now, _)
            ? await ConflictAsync(reader, team, now, new(row.Id, row.Version), cancellationToken)
            : new CloudOutcome.NotFound();
    }

    private async Task<CloudOutcome> ConflictAsync(CloudReader reader, string team, CloudCredential now, CloudTag? basis, CancellationToken cancellationToken) =>
        new CloudOutcome.Conflict(
            CloudCredentialView.Of(now, team, reader.MayManage(now)),
            await list.VersionsAsync(now, basis?.Id == now.Id ? basis.Version : 0, cancellationToken));

    private static AuditEntry Entry(CloudReader reader, string action, Guid id, string detail) => new(
        action, reader.Actor.UserId, reader.Actor.Login, reader.Actor.Address, $"cloud credential {id}", "ok", detail + reader.Actor.Means);
}
