using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.SignIn;
using Portal.Vault;

namespace Portal.Features.CloudCredentials;

/// <summary>What became of a wish to see a value.</summary>
public abstract record RevealOutcome
{
    private RevealOutcome()
    {
    }

    /// <summary>On record already.</summary>
    public sealed record Shown(string Field, int Version, string Value) : RevealOutcome
    {
        // The compiler's text would carry the value into logs.
        public override string ToString() => $"value of {Field}";
    }

    public sealed record Rejected(IReadOnlyDictionary<string, string> Errors) : RevealOutcome;

    public sealed record NotAllowed(string Why) : RevealOutcome;

    public sealed record NotFound : RevealOutcome;
}

/// <summary>Shows one value at a time, to those who may, and never before it is on record.</summary>
public sealed class CloudReveals(
    IDbContextFactory<PortalDb> databases, CloudAccess accesses, CloudVault vault, CloudCredentialList list, AuditTrail audit, TimeProvider time)
{
    /// <param name="version">Null for the one in use.</param>
    /// <exception cref="VaultException">Vault does not hand it out.</exception>
    public async Task<RevealOutcome> RevealAsync(Actor actor, string team, string name, string field, int? version, CancellationToken cancellationToken)
    {
        if (field.Length == 0)
            return new RevealOutcome.Rejected(new Dictionary<string, string> { ["field"] = "Name the field whose value is to be shown." });
        var reader = await accesses.OfAsync(actor, now: true, cancellationToken);
        if (await list.FindRowAsync(reader, team, name, cancellationToken) is not var (row, _) || !IsLive(row))
            return new RevealOutcome.NotFound();
        if (!reader.MayManage(row))
        {
            await audit.AppendAsync(Entry(reader, row, field, version, "refused"), cancellationToken);
            return new RevealOutcome.NotAllowed(reader.WhyNot(row));
        }

        var read = await vault.ReadAsync(new(row.TeamId, row.Name), version ?? row.Version, new OnBehalfOf(actor.Login, row.Id), cancellationToken);
        if (read?.Document is not { } document || document.Id != row.Id)
            return new RevealOutcome.Rejected(new Dictionary<string, string> { ["version"] = $"There is no version {version ?? row.Version} that could be shown." });
        if (!document.Values.TryGetValue(field, out var value))
            return new RevealOutcome.Rejected(new Dictionary<string, string> { ["field"] = $"It has no such field: its fields are {string.Join(", ", document.Values.Keys)}." });

        var isRecorded = await databases.InTransactionAsync(
            async db =>
            {
                // It may have been revoked while Vault was asked.
                if (!await accesses.StillMayAsync(db, reader, row.TeamId, row, cancellationToken) || !IsLive(await db.CloudCredentials.SingleAsync(now => now.Id == row.Id, cancellationToken)))
                    return false;
                db.Add(new CloudReveal
                {
                    Id = Guid.CreateVersion7(), CredentialId = row.Id, Field = field, Since = document.Since.GetValueOrDefault(field, read.Version),
                    Provider = reader.Who.Provider, Subject = reader.Who.Subject, Login = actor.Login, At = time.GetUtcNow(),
                });
                await audit.AppendAsync(db, Entry(reader, row, field, read.Version, "ok"), cancellationToken);
                return true;
            },
            cancellationToken);
        return isRecorded ? new RevealOutcome.Shown(field, read.Version, value) : new RevealOutcome.NotFound();
    }

    private bool IsLive(CloudCredential row) => row.State == CloudState.Active && !row.IsDue(time.GetUtcNow());

    private static AuditEntry Entry(CloudReader reader, CloudCredential row, string field, int? version, string outcome) => new(
        "cloud.reveal", reader.Actor.UserId, reader.Actor.Login, reader.Actor.Address, $"cloud credential {row.Id}", outcome,
        $"{row.Name}: {(row.Fields.Any(known => known.Name == field) ? field : "a field")}, version {version ?? row.Version}{reader.Actor.Means}");
}
