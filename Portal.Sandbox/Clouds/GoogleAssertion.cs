using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Clouds;

/// <summary>Checks the JWT by which a service account asks for a token.</summary>
internal sealed class GoogleAssertion(CloudSeed seed, TimeProvider time)
{
    // Whatever address it is sent to.
    private const string Audience = "https://oauth2.googleapis.com/token";

    private const long Longest = 3600;
    private const long Skew = 300;

    /// <returns>Google's words; null when it is good.</returns>
    public string? Mistake(string jwt)
    {
        var good = seed.Values("google");
        var parts = jwt.Split('.');
        if (parts.Length != 3 || JwtPart.Object(parts[0]) is not { } header || JwtPart.Object(parts[1]) is not { } claims || JwtPart.Bytes(parts[2]) is not { } signature)
            return "Invalid JWT: it has not the form of one.";
        if (header["alg"]?.ToString() != "RS256")
            return "Invalid JWT: the algorithm is not RS256.";
        if (claims["iss"]?.ToString() != good["client_email"])
            return "Invalid grant: account not found";
        if (header["kid"] is { } key && key.ToString() != good["private_key_id"])
            return "Invalid JWT Signature.";
        if (!seed.GoogleKey.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
            return "Invalid JWT Signature.";
        if (claims["aud"]?.ToString() != Audience)
            return "Invalid JWT: Failed audience check.";
        if (string.IsNullOrEmpty(claims["scope"]?.ToString()))
            return "Invalid OAuth scope or ID token audience provided.";

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return Number(claims["iat"]) is { } from && Number(claims["exp"]) is { } until && until - from <= Longest && from <= now + Skew && until > now - Skew
            ? null
            : "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.";
    }

    private static long? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;
}
