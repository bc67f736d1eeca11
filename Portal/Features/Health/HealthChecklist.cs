using Microsoft.Extensions.Options;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Shell;

namespace Portal.Features.Health;

/// <summary>
/// What works and what does not, as found lately. However many look, Vault is asked by one check at a time, and by people's
/// looking no more than every few seconds.
/// </summary>
public sealed class HealthChecklist
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(5);

    private readonly Func<CancellationToken, Task<IReadOnlyList<HealthFinding>>> _check;
    private readonly MembershipCheck _memberships;
    private readonly IOptions<PortalOptions> _options;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private Task<IReadOnlyList<HealthFinding>>? _underWay;
    private IReadOnlyList<HealthFinding> _findings = [];
    private DateTimeOffset _checkedAt = DateTimeOffset.MinValue;

    internal HealthChecklist(
        Func<CancellationToken, Task<IReadOnlyList<HealthFinding>>> check,
        MembershipCheck memberships,
        IOptions<PortalOptions> options,
        TimeProvider time) => (_check, _memberships, _options, _time) = (check, memberships, options, time);

    /// <summary>As last found: for the bar on top and the dot in the menu.</summary>
    public HealthSummary Current { get; private set; } = new(HealthStatus.Waiting, null);

    /// <summary>The lines as this person may read them: paths and Vault's words for portal admins alone.</summary>
    /// <exception cref="SignedOutException">The session is over.</exception>
    public async Task<IReadOnlyList<HealthLine>> CheckAsync(Actor actor, CancellationToken cancellationToken)
    {
        var access = await _memberships.GetAsync(actor, now: false, cancellationToken);
        var findings = _time.GetUtcNow() - _checkedAt < s_fresh ? _findings : await RefreshAsync().WaitAsync(cancellationToken);
        // Not IsPortalAdmin, which is false while memberships cannot be confirmed: with Vault away that is when admins look here.
        var isAdmin = access.Teams.Any(team => team.Name == _options.Value.AdminTeam);
        return [.. findings.Select(finding => finding.For(isAdmin))];
    }

    /// <summary>Checks now, or joins the check under way.</summary>
    internal Task<IReadOnlyList<HealthFinding>> RefreshAsync()
    {
        lock (_lock)
            return _underWay is { IsCompleted: false } ? _underWay : _underWay = Task.Run(RunAsync);
    }

    private async Task<IReadOnlyList<HealthFinding>> RunAsync()
    {
        var findings = await _check(CancellationToken.None);
        _findings = findings;
        _checkedAt = _time.GetUtcNow();
        Current = SumUp(findings);
        return findings;
    }

    private static HealthSummary SumUp(IReadOnlyList<HealthFinding> findings) => new(
        findings.Max(finding => finding.Status),
        findings.FirstOrDefault(finding => finding is { Status: HealthStatus.Broken, Message: not null })?.Message);
}
