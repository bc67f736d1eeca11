using Portal.Features.Health;

namespace Portal.Features.Databases;

/// <summary>Remembers that an issue failed because Vault was away, to say so no longer once the health check saw it go and come back.</summary>
public struct VaultAbsence
{
    private bool _failed;
    private bool _seenAway;

    public static VaultAbsence After(IssueProblem problem) => new() { _failed = problem.Slug is "vault-sealed" or "vault-unreachable" };

    public bool IsBack(HealthSummary health)
    {
        if (!_failed)
            return false;
        if (health.Status == HealthStatus.Broken)
            _seenAway = true;
        else if (_seenAway)
            (_failed, _seenAway) = (false, false);
        return !_failed;
    }
}
