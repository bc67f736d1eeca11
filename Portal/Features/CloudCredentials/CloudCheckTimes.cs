using Microsoft.Extensions.Options;

namespace Portal.Features.CloudCredentials;

/// <summary>When a cloud is asked next.</summary>
public sealed class CloudCheckTimes(IEnumerable<ICloudVerifier> verifiers, IOptions<CloudCredentialsOptions> options, TimeProvider time)
{
    private static readonly TimeSpan s_afterSilence = TimeSpan.FromHours(1);

    private readonly HashSet<string> _types = [.. verifiers.Select(verifier => verifier.Type)];

    /// <summary>Null for a type that no cloud is asked about.</summary>
    public DateTimeOffset? First(string type) => _types.Contains(type) ? time.GetUtcNow() + options.Value.VerifyInterval : null;

    /// <inheritdoc cref="First"/>
    public DateTimeOffset? Now(string type) => _types.Contains(type) ? time.GetUtcNow() : null;

    public DateTimeOffset? After(CloudVerdict verdict) => time.GetUtcNow()
        + (verdict is CloudVerdict.Unreachable && s_afterSilence < options.Value.VerifyInterval ? s_afterSilence : options.Value.VerifyInterval);
}
