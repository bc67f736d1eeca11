namespace Portal.Features.Ssh;

/// <summary>Revoked certificates of one certificate authority.</summary>
/// <param name="Authority">The authority's public key as a blob. A host applies the rest to its certificates alone.</param>
/// <param name="Serials">Zero cannot be revoked by serial: OpenSSH takes it for "none given".</param>
public sealed record RevokedCertificates(byte[] Authority, IReadOnlyCollection<ulong> Serials, IReadOnlyCollection<string> KeyIds);

/// <summary>
/// Writes OpenSSH's binary key revocation list, as its source describes it in PROTOCOL.krl. Serials are written as a list, runs of them
/// as ranges; the format's bitmaps pay only where an authority counts its serials, and Vault draws them at random.
/// </summary>
public static class KeyRevocationList
{
    public const int FingerprintLength = 32;

    private const uint Format = 1;
    private const int ShortestRange = 3;

    private enum Section : byte
    {
        Certificates = 1,
        FingerprintSha256 = 5,
        CertificateSerialList = 0x20,
        CertificateSerialRange = 0x21,
        CertificateKeyId = 0x23,
    }

    private static ReadOnlySpan<byte> Magic => "SSHKRL\n\0"u8;

    /// <param name="version">Grows with each change; hosts refuse to go back.</param>
    /// <param name="keys">
    /// SHA-256 fingerprints of public keys, 32 bytes each: neither the key nor any certificate for it is accepted, whoever signed it.
    /// </param>
    public static byte[] Write(
        ulong version, DateTimeOffset generatedAt, string comment, IEnumerable<RevokedCertificates> certificates, IReadOnlyCollection<byte[]> keys)
    {
        var list = new SshWriter()
            .Raw(Magic)
            .Number(Format)
            .Number(version)
            .Number((ulong)generatedAt.ToUnixTimeSeconds())
            .Number(0UL)
            .String("")
            .String(comment);
        foreach (var revoked in certificates)
            WriteCertificates(list, revoked);
        if (keys.Count > 0)
            Append(list, Section.FingerprintSha256, Fingerprints(keys));
        return list.Written.ToArray();
    }

    private static void WriteCertificates(SshWriter list, RevokedCertificates revoked)
    {
        var (singles, ranges) = Runs(revoked.Serials);
        var section = new SshWriter().String(revoked.Authority).String("");
        var empty = section.Written.Length;
        if (singles.Written.Length > 0)
            Append(section, Section.CertificateSerialList, singles);
        foreach (var (first, last) in ranges)
            Append(section, Section.CertificateSerialRange, new SshWriter().Number(first).Number(last));
        if (revoked.KeyIds.Count > 0)
            Append(section, Section.CertificateKeyId, Strings(revoked.KeyIds));
        if (section.Written.Length > empty)
            Append(list, Section.Certificates, section);
    }

    private static (SshWriter Singles, List<(ulong First, ulong Last)> Ranges) Runs(IReadOnlyCollection<ulong> serials)
    {
        var sorted = serials.Where(serial => serial != 0).Distinct().Order().ToArray();
        var singles = new SshWriter();
        var ranges = new List<(ulong, ulong)>();
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[end - 1] + 1)
                end++;
            if (end - start >= ShortestRange)
            {
                ranges.Add((sorted[start], sorted[end - 1]));
                continue;
            }

            foreach (var serial in sorted.AsSpan(start, end - start))
                singles.Number(serial);
        }

        return (singles, ranges);
    }

    // Sorted, so that the same content is the same bytes.
    private static SshWriter Strings(IEnumerable<string> values)
    {
        var writer = new SshWriter();
        foreach (var value in values.Distinct().Order(StringComparer.Ordinal))
            writer.String(value);
        return writer;
    }

    private static SshWriter Fingerprints(IEnumerable<byte[]> keys)
    {
        var writer = new SshWriter();
        foreach (var key in keys.Select(Convert.ToHexString).Distinct().Order(StringComparer.Ordinal).Select(Convert.FromHexString))
        {
            writer.String(key.Length == FingerprintLength ? key : throw new ArgumentException("A SHA-256 fingerprint has 32 bytes.", nameof(keys)));
        }

        return writer;
    }

    private static void Append(SshWriter to, Section type, SshWriter section) => to.Byte((byte)type).String(section.Written);
}
