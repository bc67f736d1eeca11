using Portal.Vault;

namespace Portal.Features.Ssh;

/// <summary>What Vault is asked to sign. What comes back is handed out only when it says exactly this.</summary>
public sealed record CertificateWish(SshPublicKey Key, string KeyId, IReadOnlyList<string> Principals, IReadOnlyList<string> Extensions, TimeSpan Duration)
{
    // Vault dates certificates 30 s back, for clocks that differ.
    private static readonly TimeSpan s_longestBackdating = TimeSpan.FromMinutes(1);

    // Vault's clock and the portal's.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMinutes(5);

    private const int LongestLogin = 50;

    public SshSigning Signing => new(Key.Line, Principals, KeyId, Duration, Extensions);

    /// <summary>Names person and credential in the certificate and in the hosts' logs. Logins of other providers than GitHub may hold anything.</summary>
    public static string KeyIdOf(string login, Guid credential)
    {
        var plain = login.Take(LongestLogin).Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '@' ? letter : '-');
        return $"{new string([.. plain])}:{credential}";
    }

    /// <returns>What the certificate says otherwise, without its words; null when nothing.</returns>
    public string? Deviation(SshCertificate certificate, DateTimeOffset now)
    {
        if (certificate.Type != SshCertificate.UserType)
            return "it is no user certificate";
        if (!certificate.Key.Span.SequenceEqual(Key.Blob.Span))
            return "it is for another key";
        if (certificate.KeyId != KeyId)
            return "it has another key id";
        // A certificate without principals opens every account.
        if (certificate.Principals.Count == 0 || !certificate.Principals.ToHashSet().SetEquals(Principals))
            return "it names other principals";
        if (!certificate.Extensions.Keys.ToHashSet().SetEquals(Extensions) || certificate.Extensions.Values.Any(value => value.Length > 0))
            return "it permits something else";
        if (certificate.CriticalOptions.Count > 0)
            return "it has options that nobody asked for";
        if (certificate.ValidBefore <= now || certificate.ValidBefore > now + Duration + s_tolerance
            || certificate.ValidBefore - certificate.ValidAfter > Duration + s_longestBackdating)
            return "it lasts longer or shorter than asked; perhaps the clocks of Vault and portal differ";
        return null;
    }
}
