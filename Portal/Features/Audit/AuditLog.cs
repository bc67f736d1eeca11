using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.SignIn;
using Portal.Features.Teams;

namespace Portal.Features.Audit;

/// <param name="Newest">Events newest first.</param>
/// <param name="Total">How many the filter finds in all.</param>
/// <param name="Everybody">True when the reader is a portal admin and sees everybody's events; else one's own.</param>
public sealed record AuditPage(IReadOnlyList<AuditEvent> Newest, int Total, bool Everybody);

/// <summary>Reads the audit trail: one's own events, for portal admins everybody's.</summary>
public sealed class AuditLog(IDbContextFactory<PortalDb> databases, MembershipCheck memberships)
{
    /// <param name="filter">Text that action, login, object or detail contain; null for all.</param>
    public async Task<AuditPage> ReadAsync(Actor actor, string? filter, int skip, int take, CancellationToken cancellationToken)
    {
        var access = await memberships.GetAsync(actor, now: false, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var events = db.AuditEvents.AsNoTracking();
        if (!access.IsPortalAdmin)
            events = events.Where(audited => audited.ActorId == actor.UserId);
        if (!string.IsNullOrWhiteSpace(filter))
        {
            var text = filter.Trim();
            events = events.Where(audited => audited.Action.Contains(text) || audited.ActorLogin.Contains(text)
                || audited.Object.Contains(text) || audited.Outcome.Contains(text)
                || (audited.Detail != null && audited.Detail.Contains(text)));
        }

        var page = await events.OrderByDescending(audited => audited.Id).Skip(skip).Take(take).ToListAsync(cancellationToken);
        return new AuditPage(page, await events.CountAsync(cancellationToken), access.IsPortalAdmin);
    }
}
