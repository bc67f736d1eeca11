using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Features.Audit;

/// <summary>
/// Ties each event to the one before: <c>hash = HMAC-SHA-256(key, hash before ‖ fields)</c>, every field with its length in front.
/// A changed, added or removed event breaks all that follow; the newest events can be cut off unseen.
/// </summary>
public static class AuditChain
{
    public static byte[] Hash(byte[] key, byte[] before, AuditEvent audited)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        Append(hmac, before);
        Append(hmac, audited.Id);
        Append(hmac, audited.At.UtcTicks);
        Append(hmac, audited.Action);
        Append(hmac, audited.ActorId?.ToString());
        Append(hmac, audited.ActorLogin);
        Append(hmac, audited.Address);
        Append(hmac, audited.Object);
        Append(hmac, audited.Outcome);
        Append(hmac, audited.Detail);
        return hmac.GetHashAndReset();
    }

    // Null and empty differ: null is the length -1.
    private static void Append(IncrementalHash hmac, string? text)
    {
        if (text is null)
            AppendLength(hmac, -1);
        else
            Append(hmac, Encoding.UTF8.GetBytes(text));
    }

    private static void Append(IncrementalHash hmac, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hmac.AppendData(bytes);
    }

    private static void Append(IncrementalHash hmac, byte[] bytes)
    {
        AppendLength(hmac, bytes.Length);
        hmac.AppendData(bytes);
    }

    private static void AppendLength(IncrementalHash hmac, int length)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        hmac.AppendData(bytes);
    }
}
