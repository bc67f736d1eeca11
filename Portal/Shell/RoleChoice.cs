namespace Portal.Shell;

/// <summary>A role in a list from which somebody chooses one.</summary>
/// <param name="Where">What it opens, in a few words.</param>
/// <param name="Allows">What it allows, in words; found by the filter.</param>
public sealed record RoleChoice(string Name, string Where, string Allows, TimeSpan MaxDuration, bool RequiresApproval);
