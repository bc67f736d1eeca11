using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Portal.Features.Ssh;

/// <summary>Writes the data types of RFC 4251, section 5.</summary>
public sealed class SshWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public SshWriter Byte(byte value) => Raw([value]);

    public SshWriter Number(uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return Raw(bytes);
    }

    public SshWriter Number(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return Raw(bytes);
    }

    public SshWriter String(string value) => String(Encoding.UTF8.GetBytes(value));

    public SshWriter String(ReadOnlySpan<byte> value) => Number((uint)value.Length).Raw(value);

    public SshWriter Raw(ReadOnlySpan<byte> value)
    {
        _bytes.Write(value);
        return this;
    }
}

/// <summary>
/// Reads the data types of RFC 4251, section 5, from bytes of strangers. What is shorter than it announces reads as empty from there on;
/// <see cref="IsComplete"/> tells at the end.
/// </summary>
public ref struct SshReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Something was too short, or no text.</summary>
    public bool IsBroken { get; set; }

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Everything was read, and nothing was missing.</summary>
    public readonly bool IsComplete => !IsBroken && IsAtEnd;

    public uint Number32() => Take(sizeof(uint)) is { Length: sizeof(uint) } bytes ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;

    public ulong Number64() => Take(sizeof(ulong)) is { Length: sizeof(ulong) } bytes ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;

    public ReadOnlySpan<byte> Bytes() => Take(Number32());

    public string String()
    {
        try
        {
            return s_strict.GetString(Bytes());
        }
        catch (DecoderFallbackException)
        {
            return Break("");
        }
    }

    private ReadOnlySpan<byte> Take(uint length)
    {
        if (IsBroken || length > _rest.Length)
        {
            _rest = Break<byte[]>([]);
            return _rest;
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private T Break<T>(T instead)
    {
        IsBroken = true;
        return instead;
    }
}
