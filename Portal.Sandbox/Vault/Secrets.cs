using System.Security.Cryptography;
using System.Text;

namespace Portal.Sandbox.Vault;

/// <summary>Random names, tokens and passwords.</summary>
internal static class Secrets
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static string Base62(int length) => RandomNumberGenerator.GetString(Letters, length);

    public static string Uuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>Twenty characters with a small and a capital letter, a digit and a dash: Vault's default policy for passwords.</summary>
    public static string Password()
    {
        while (true)
        {
            var password = RandomNumberGenerator.GetString(Letters + "-", 20);
            if (password.Any(char.IsAsciiLetterLower) && password.Any(char.IsAsciiLetterUpper) && password.Any(char.IsAsciiDigit)
                && password.Contains('-', StringComparison.Ordinal) && password[0] != '-')
                return password;
        }
    }

    public static string Sha256Hex(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
