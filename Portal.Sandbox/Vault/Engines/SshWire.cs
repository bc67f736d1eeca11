using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>Writes what RFC 4251 calls strings, integers and lists.</summary>
internal sealed class SshWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public SshWriter Number(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    public SshWriter Number(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    public SshWriter Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    public SshWriter Bytes(ReadOnlySpan<byte> value)
    {
        Number((uint)value.Length);
        _bytes.Write(value);
        return this;
    }

    /// <summary>A whole number that is not negative.</summary>
    public SshWriter Integer(ReadOnlySpan<byte> bigEndian)
    {
        bigEndian = bigEndian.TrimStart((byte)0);
        return bigEndian.Length > 0 && bigEndian[0] >= 0x80 ? Bytes([0, .. bigEndian]) : Bytes(bigEndian);
    }

    public SshWriter Raw(ReadOnlySpan<byte> value)
    {
        _bytes.Write(value);
        return this;
    }
}

/// <summary>Reads the strings of RFC 4251 one after another.</summary>
internal ref struct SshReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <exception cref="FormatException">there are fewer bytes than announced</exception>
    public ReadOnlySpan<byte> Bytes()
    {
        if (_rest.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(_rest) is var length && length > _rest.Length - 4)
            throw new FormatException("ssh: short read");
        var value = _rest.Slice(4, (int)length);
        _rest = _rest[(4 + (int)length)..];
        return value;
    }
}
