using Microsoft.Extensions.Options;

namespace Portal.Features.Ssh;

public sealed class SshOptions
{
    public const string Section = "Ssh";

    /// <summary>Shortest life of a certificate.</summary>
    public TimeSpan ShortestDuration { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Time for all steps of an issue together.</summary>
    public TimeSpan IssueTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Age at which a certificate that was not handed over counts as dead, and its key id as revoked.</summary>
    public TimeSpan PendingTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the worker looks for what is to be ended, and for a newer list of another replica.</summary>
    public TimeSpan EndingInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the revocation list is made anew whatever happened.</summary>
    public TimeSpan RebuildInterval { get; set; } = TimeSpan.FromMinutes(1);

    public sealed class Validation : IValidateOptions<SshOptions>
    {
        public ValidateOptionsResult Validate(string? name, SshOptions options)
        {
            var mistakes = new List<string>();
            if (options.ShortestDuration < TimeSpan.FromSeconds(10) || options.ShortestDuration > TimeSpan.FromDays(1))
                mistakes.Add("Ssh:ShortestDuration must be between 00:00:10 and 1.00:00:00.");
            if (options.IssueTimeout < TimeSpan.FromSeconds(1))
                mistakes.Add("Ssh:IssueTimeout must be at least 00:00:01.");
            if (options.PendingTimeout <= options.IssueTimeout)
                mistakes.Add("Ssh:PendingTimeout must be longer than Ssh:IssueTimeout, or certificates are revoked while they are issued.");
            if (options.EndingInterval < TimeSpan.FromMilliseconds(100) || options.EndingInterval > TimeSpan.FromMinutes(1))
                mistakes.Add("Ssh:EndingInterval must be between 00:00:00.1 and 00:01:00.");
            if (options.RebuildInterval < options.EndingInterval || options.RebuildInterval > TimeSpan.FromHours(1))
                mistakes.Add("Ssh:RebuildInterval must be between Ssh:EndingInterval and 01:00:00.");
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
