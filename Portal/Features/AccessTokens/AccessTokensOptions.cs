using Microsoft.Extensions.Options;

namespace Portal.Features.AccessTokens;

public sealed class AccessTokensOptions
{
    public const string Section = "AccessTokens";

    /// <summary>Longest life of a token.</summary>
    public TimeSpan LongestLife { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long an answer of the whitelist in Vault counts: within it, other replicas learn of a revocation. Zero asks at every call.</summary>
    public TimeSpan CacheTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long "not on the whitelist" counts.</summary>
    public TimeSpan AbsentTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Live tokens that one person may hold.</summary>
    public int MostPerUser { get; set; } = 1000;

    /// <summary>Calls of one token in a minute, before 429; zero is without a limit.</summary>
    public int CallsPerMinute { get; set; } = 600;

    public sealed class Validation : IValidateOptions<AccessTokensOptions>
    {
        public static readonly TimeSpan ShortestLife = TimeSpan.FromMinutes(1);

        public ValidateOptionsResult Validate(string? name, AccessTokensOptions options)
        {
            var mistakes = new List<string>();
            if (options.LongestLife < ShortestLife || options.LongestLife > TimeSpan.FromDays(3650))
                mistakes.Add("AccessTokens:LongestLife is the longest life of a token: from 00:01:00 to 3650 days, such as 90.00:00:00.");
            if (options.CacheTime < TimeSpan.Zero || options.CacheTime > TimeSpan.FromMinutes(5))
                mistakes.Add("AccessTokens:CacheTime is how long a revoked token may count on other replicas: from 00:00:00 to 00:05:00.");
            if (options.AbsentTime < TimeSpan.Zero || options.AbsentTime > TimeSpan.FromMinutes(1))
                mistakes.Add("AccessTokens:AbsentTime is from 00:00:00 to 00:01:00.");
            if (options.MostPerUser < 1)
                mistakes.Add("AccessTokens:MostPerUser is a number from 1.");
            if (options.CallsPerMinute < 0)
                mistakes.Add("AccessTokens:CallsPerMinute is a number from 0, which is without a limit.");
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
