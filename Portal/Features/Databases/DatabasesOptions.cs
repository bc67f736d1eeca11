using System.ComponentModel.DataAnnotations;

namespace Portal.Features.Databases;

public sealed class DatabasesOptions
{
    public const string Section = "Databases";

    /// <summary>Shortest life of a database credential.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00", ErrorMessage = "Databases:ShortestDuration must be between 00:00:10 and 1.00:00:00.")]
    public TimeSpan ShortestDuration { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Time for all steps of an issue together. Must end before a pending credential is taken back.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "00:00:50", ErrorMessage = "Databases:IssueTimeout must be between 00:00:05 and 00:00:50.")]
    public TimeSpan IssueTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How often the worker looks for credentials to end.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "00:01:00", ErrorMessage = "Databases:EndingInterval must be between 00:00:00.5 and 00:01:00.")]
    public TimeSpan EndingInterval { get; set; } = TimeSpan.FromSeconds(2);
}
