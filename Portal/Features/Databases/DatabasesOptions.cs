using Microsoft.Extensions.Options;

namespace Portal.Features.Databases;

public sealed class DatabasesOptions
{
    public const string Section = "Databases";

    /// <summary>Shortest life of a database credential.</summary>
    public TimeSpan ShortestDuration { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Time for all steps of an issue together.</summary>
    public TimeSpan IssueTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Age at which a credential that was not handed over counts as dead and is taken back.</summary>
    public TimeSpan PendingTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the worker looks for credentials to end.</summary>
    public TimeSpan EndingInterval { get; set; } = TimeSpan.FromSeconds(2);

    public sealed class Validation : IValidateOptions<DatabasesOptions>
    {
        public ValidateOptionsResult Validate(string? name, DatabasesOptions options)
        {
            var mistakes = new List<string>();
            if (options.ShortestDuration < TimeSpan.FromSeconds(10) || options.ShortestDuration > TimeSpan.FromDays(1))
                mistakes.Add("Databases:ShortestDuration must be between 00:00:10 and 1.00:00:00.");
            if (options.IssueTimeout < TimeSpan.FromSeconds(1))
                mistakes.Add("Databases:IssueTimeout must be at least 00:00:01.");
            if (options.PendingTimeout <= options.IssueTimeout)
                mistakes.Add("Databases:PendingTimeout must be longer than Databases:IssueTimeout, or credentials are taken back while they are issued.");
            if (options.EndingInterval < TimeSpan.FromMilliseconds(100) || options.EndingInterval > TimeSpan.FromMinutes(1))
                mistakes.Add("Databases:EndingInterval must be between 00:00:00.1 and 00:01:00.");
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
