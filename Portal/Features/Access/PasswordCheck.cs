using System.Globalization;
using System.Security.Cryptography;

namespace Portal.Features.Access;

/// <summary>
/// Tells later whether a password is the one that was given before, without keeping it: <c>pbkdf2-sha256$iterations$salt$hash</c>.
/// Rests in Vault beside the password itself, as Vault never says a password back.
/// </summary>
public static class PasswordCheck
{
    private const string Form = "pbkdf2-sha256";
    private const int Iterations = 210_000;
    private const int MostIterations = 10_000_000;
    private const int Length = 32;

    public static string Of(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Form}${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Hash(password, salt, Iterations))}");
    }

    public static bool Matches(string? check, string password) =>
        check?.Split('$') is [Form, var count, var salt, var hash]
        && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
        && iterations is > 0 and <= MostIterations
        && Bytes(salt) is { } saltBytes
        && Bytes(hash) is { } expected
        && CryptographicOperations.FixedTimeEquals(expected, Hash(password, saltBytes, iterations));

    private static byte[] Hash(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, Length);

    private static byte[]? Bytes(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var written) ? bytes[..written] : null;
    }
}
