using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Portal.Shell;
using Portal.Vault;

namespace Portal.Features.AccessTokens;

/// <summary>Writes access tokens: JWTs as RFC 9068 profiles them, signed by Vault with ES256.</summary>
public sealed class AccessTokenWriter(SigningKeys keys, TransitEngine transit, IOptions<PortalOptions> portal)
{
    /// <summary>The <c>typ</c> of the header: no other JWT passes for an access token.</summary>
    public const string Type = "at+jwt";

    public const string LoginClaim = "login";
    public const string ScopeClaim = "scope";

    /// <summary>The <c>iss</c> of every token.</summary>
    public static string Issuer(PortalOptions portal) => portal.Origin;

    /// <summary>The <c>aud</c> of every token.</summary>
    public static string Audience(PortalOptions portal) => $"{portal.Origin}/api";

    public async Task<string> WriteAsync(AccessToken token, CancellationToken cancellationToken)
    {
        if (keys.All.Count == 0)
            await keys.LoadAsync(cancellationToken);
        var key = keys.All[^1];
        var text = $"{Part(json => Header(json, key))}.{Part(json => Claims(json, token))}";
        return $"{text}.{await transit.SignAsync(VaultRole.AccessTokens, VaultNames.AccessTokensKey, key.Version, Encoding.ASCII.GetBytes(text), cancellationToken)}";
    }

    private static void Header(Utf8JsonWriter json, SigningKey key)
    {
        json.WriteString(JwtHeaderParameterNames.Alg, SecurityAlgorithms.EcdsaSha256);
        json.WriteString(JwtHeaderParameterNames.Typ, Type);
        json.WriteString(JwtHeaderParameterNames.Kid, key.KeyId);
    }

    private void Claims(Utf8JsonWriter json, AccessToken token)
    {
        json.WriteString(JwtRegisteredClaimNames.Iss, Issuer(portal.Value));
        json.WriteString(JwtRegisteredClaimNames.Aud, Audience(portal.Value));
        json.WriteString(JwtRegisteredClaimNames.Sub, token.OwnerId);
        json.WriteString(LoginClaim, token.OwnerLogin);
        json.WriteString(JwtRegisteredClaimNames.Jti, token.Id);
        json.WriteString(ScopeClaim, token.Scopes);
        json.WriteNumber(JwtRegisteredClaimNames.Iat, token.CreatedAt.ToUnixTimeSeconds());
        json.WriteNumber(JwtRegisteredClaimNames.Nbf, token.CreatedAt.ToUnixTimeSeconds());
        json.WriteNumber(JwtRegisteredClaimNames.Exp, token.ExpiresAt.ToUnixTimeSeconds());
    }

    private static string Part(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        // Nobody puts it into a page.
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Base64UrlEncoder.Encode(buffer.ToArray());
    }
}
