using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Features.Teams;

/// <summary>
/// Ids that come out the same again when the portal's database is lost, since Vault keeps things below them: a UUID of version 8
/// (RFC 9562, section 5.8) out of SHA-256 over who the provider says it is.
/// </summary>
public static class StableId
{
    /// <param name="provider"><c>github</c>.</param>
    /// <param name="subject">The provider's immutable id.</param>
    public static Guid OfTeam(string provider, string subject)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"vault-portal/team/{provider}/{subject}"), hash);
        var id = hash[..16];
        BinaryPrimitives.WriteUInt16BigEndian(id[6..], (ushort)((BinaryPrimitives.ReadUInt16BigEndian(id[6..]) & 0x0fff) | 0x8000));
        id[8] = (byte)((id[8] & 0x3f) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
