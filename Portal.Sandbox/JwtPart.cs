using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Sandbox;

/// <summary>A part of a JWT's compact form (RFC 7515, section 7.1).</summary>
internal static class JwtPart
{
    /// <returns>Null when it is no JSON object in base64url, or names a member twice.</returns>
    public static JsonObject? Object(string part)
    {
        try
        {
            return Bytes(part) is { } json ? JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>Null when it is no base64url.</returns>
    public static byte[]? Bytes(string part)
    {
        try
        {
            return Base64Url.DecodeFromChars(part);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
