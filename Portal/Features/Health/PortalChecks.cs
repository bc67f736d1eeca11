using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.CloudCredentials;
using Portal.Features.Credentials;
using Portal.Features.Teams;
using Portal.Shell;

namespace Portal.Features.Health;

/// <summary>Looks at the portal's own database and settings.</summary>
internal sealed class PortalChecks(IDbContextFactory<PortalDb> databases, IConfiguration configuration, IOptions<PortalOptions> options)
{
    private const string Ending = "Credentials being ended";
    private const string Organizations = "SignIn:GitHub:Organizations";
    private const int DetailedAtMost = 5;

    public async Task<IReadOnlyList<HealthFinding>> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            return [await EndingAsync(db, cancellationToken), Organization(), await AdminTeamAsync(db, cancellationToken)];
        }
        catch (DbException failure)
        {
            var database = new HealthFinding(
                "The portal's database", HealthStatus.Broken, "Does not answer.", failure.Message, "Look at Database:ConnectionString and the disk.",
                "The portal's database does not answer, so most pages fail.");
            return [database, Organization()];
        }
    }

    private static async Task<HealthFinding> EndingAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var stuck = db.Credentials.AsNoTracking()
            .Where(credential => credential.State == CredentialState.Revoking && credential.Attempts > 0);
        var clouds = db.CloudCredentials.AsNoTracking().Where(credential => credential.State == CloudState.Revoking && credential.Attempts > 0);
        var count = await stuck.CountAsync(cancellationToken) + await clouds.CountAsync(cancellationToken);
        if (count == 0)
            return HealthFinding.Fine(Ending, "None is stuck.");
        var first = await stuck.OrderByDescending(credential => credential.Attempts).Take(DetailedAtMost).ToListAsync(cancellationToken);
        var firstClouds = await clouds.OrderByDescending(credential => credential.Attempts).Take(DetailedAtMost).ToListAsync(cancellationToken);
        return new HealthFinding(
            Ending,
            HealthStatus.Broken,
            $"{(count == 1 ? "One" : count)} could not be ended yet and may still work. The portal tries again by itself.",
            string.Join(' ', [.. first.Select(Describe), .. firstClouds.Select(credential => $"Cloud credential {credential.Name}, {credential.Attempts} attempts.")]),
            "See that the databases answer, and that Vault reaches them; setup-vault lets the portal delete cloud credentials.");
    }

    private static string Describe(Credential credential) =>
        $"{credential.Username ?? credential.Role} of {credential.OwnerLogin} at {credential.Target}, {credential.Attempts} attempts: {credential.LastError}.";

    private HealthFinding Organization() =>
        configuration.GetSection(Organizations).GetChildren().Any(entry => !string.IsNullOrWhiteSpace(entry.Value))
            ? HealthFinding.Fine("GitHub organisation", "Configured.")
            : new HealthFinding(
                "GitHub organisation", HealthStatus.Broken, "None is configured, so nobody can sign in.", Remedy: $"{Organizations}:0 = <login or id>");

    private async Task<HealthFinding> AdminTeamAsync(PortalDb db, CancellationToken cancellationToken)
    {
        const string title = "Portal admins";
        if (options.Value.AdminTeam is not { Length: > 0 } name)
            return new HealthFinding(title, HealthStatus.Waiting, "No team is named, so nobody is portal admin.", Remedy: "Portal:AdminTeam = <team>");
        return await db.Teams.AnyAsync(team => team.Name == name, cancellationToken)
            ? HealthFinding.Fine(title, "Their team is known.", $"Team {name}.")
            : new HealthFinding(
                title, HealthStatus.Broken, "The named team is not adopted, so nobody is portal admin.", $"Portal:AdminTeam is {name}.",
                "dotnet Portal.dll apply access.yaml");
    }
}
