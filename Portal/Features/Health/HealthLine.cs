namespace Portal.Features.Health;

public enum HealthStatus
{
    Ok,

    /// <summary>Not known, or not to be had, before something else is in order.</summary>
    Waiting,

    Broken,
}

/// <summary>One line of the check-list.</summary>
/// <param name="Remedy">The command or step that helps, to be copied.</param>
public sealed record HealthLine(string Title, HealthStatus Status, string Says, string? Remedy);

/// <summary>All lines in one.</summary>
/// <param name="Message">For everybody, when something is wrong that they will notice.</param>
public sealed record HealthSummary(HealthStatus Status, string? Message);

/// <summary>A line as it was found, before it is decided who may read what.</summary>
/// <param name="Details">Paths and Vault's own words: for portal admins alone.</param>
/// <param name="Message">See <see cref="HealthSummary"/>.</param>
internal sealed record HealthFinding(
    string Title, HealthStatus Status, string Says, string? Details = null, string? Remedy = null, string? Message = null)
{
    public static HealthFinding Fine(string title, string says, string? details = null) => new(title, HealthStatus.Ok, says, details);

    public static HealthFinding Waits(string title, string says) => new(title, HealthStatus.Waiting, says);

    public HealthLine For(bool admin) => new(Title, Status, admin && Details is not null ? $"{Says} {Details}" : Says, Remedy);
}
