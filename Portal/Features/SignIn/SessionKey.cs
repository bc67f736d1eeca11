using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;

namespace Portal.Features.SignIn;

/// <summary>What the cookie holds: 256 random bits. The database knows their SHA-256 alone.</summary>
public sealed record SessionKey(string Text)
{
    public static SessionKey Create() => new(WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32)));

    public byte[] Hash() => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Text));

    public override string ToString() => "a session key";
}
