using Microsoft.Extensions.Options;

namespace Portal.Features.SignIn;

public sealed class SignInOptions
{
    public const string Section = "SignIn";

    /// <summary>A session ends this long after the sign-in, used or not.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>A session ends when nobody used it for this long.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often memberships are asked for again.</summary>
    public TimeSpan MembershipInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the last answer counts while the provider is away.</summary>
    public TimeSpan MembershipGrace { get; set; } = TimeSpan.FromHours(4);

    internal sealed class Validation : IValidateOptions<SignInOptions>
    {
        public ValidateOptionsResult Validate(string? name, SignInOptions options)
        {
            string?[] mistakes =
            [
                Range(nameof(SessionLifetime), options.SessionLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromHours(24)),
                Range(nameof(IdleTimeout), options.IdleTimeout, TimeSpan.FromMinutes(1), TimeSpan.FromHours(24)),
                options.IdleTimeout > options.SessionLifetime
                    ? $"{Section}:{nameof(IdleTimeout)} is longer than {Section}:{nameof(SessionLifetime)}: make it shorter or equal"
                    : null,
                Range(nameof(MembershipInterval), options.MembershipInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
                Range(nameof(MembershipGrace), options.MembershipGrace, TimeSpan.Zero, TimeSpan.FromHours(24)),
            ];
            return mistakes.OfType<string>().ToList() is { Count: > 0 } found
                ? ValidateOptionsResult.Fail(found)
                : ValidateOptionsResult.Success;
        }

        private static string? Range(string key, TimeSpan value, TimeSpan least, TimeSpan most) => value < least || value > most
            ? $"{Section}:{key} is {value}: it must lie between {least} and {most}, written as hours:minutes:seconds"
            : null;
    }
}
