using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

/// <summary>In place of a password: how one is to be made, such as <c>randAlphaNum,24</c> or <c>uuid</c>.</summary>
internal static partial class PasswordWish
{
    public const string Forms = "randAlphaNum,24, randAlpha,24, randNumeric,24, randAscii,24 (with any length from 8 to 128) or uuid";

    private const int Usual = 32;
    private const int Shortest = 8;
    private const int Longest = 128;
    private const string Digits = "0123456789";
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private static readonly Dictionary<string, string> s_signs = new(StringComparer.Ordinal)
    {
        ["randAlphaNum"] = Letters + Digits,
        ["randAlpha"] = Letters,
        ["randNumeric"] = Digits,
        ["randAscii"] = string.Concat(Enumerable.Range('!', '~' - '!' + 1).Select(sign => (char)sign)),
    };

    /// <summary>32 letters and digits, about 190 bits.</summary>
    public static string Make() => RandomNumberGenerator.GetString(s_signs["randAlphaNum"], Usual);

    /// <summary>What is wrong with a wish; null when it is fine, or none but a password.</summary>
    public static string? Complaint(string text)
    {
        if (Wish().Match(text) is not { Success: true } wish)
            return null;
        return s_signs.ContainsKey(wish.Groups[1].Value) && Length(wish) is >= Shortest and <= Longest ? null : $"A password is made by {Forms}.";
    }

    /// <summary>The password itself, or the one that is wished for.</summary>
    public static string Grant(string text)
    {
        if (text == "uuid")
            return new Guid(Version4(RandomNumberGenerator.GetBytes(16)), bigEndian: true).ToString();
        return Wish().Match(text) is { Success: true } wish ? RandomNumberGenerator.GetString(s_signs[wish.Groups[1].Value], Length(wish)) : text;
    }

    private static int Length(Match wish) => int.TryParse(wish.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : 0;

    // RFC 9562: all but version and variant is random.
    private static byte[] Version4(byte[] bytes)
    {
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return bytes;
    }

    [GeneratedRegex(@"^(rand[A-Za-z]*),([0-9]+)\z")]
    private static partial Regex Wish();
}
