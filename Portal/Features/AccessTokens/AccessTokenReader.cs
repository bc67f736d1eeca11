using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.AccessTokens;

/// <summary>A token whose signature, issuer, audience and times are right. Whether it still counts is another question.</summary>
/// <param name="KeyId">Of the key that vouches for it.</param>
public sealed record VerifiedToken(
    Guid Id, Guid UserId, string Login, IReadOnlyList<string> Scopes, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, string KeyId)
{
    public Actor Actor(string address) => new(UserId, null, Login, address, new BearerToken(Id, Scopes, ExpiresAt));
}

/// <summary>Verifies the text of an access token: RFC 9068, ES256 alone, whatever its header says.</summary>
public sealed class AccessTokenReader(SigningKeys keys, IOptions<PortalOptions> portal, TimeProvider time)
{
    /// <summary>Longer texts are none of ours.</summary>
    public const int LongestText = 4096;

    /// <summary>By how much the clocks of two replicas may differ.</summary>
    private static readonly TimeSpan s_clocks = TimeSpan.FromSeconds(30);

    private static readonly JsonWebTokenHandler s_handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = LongestText };

    /// <returns>Null when it is no token of this portal, or not now.</returns>
    public async Task<VerifiedToken?> ReadAsync(string text, CancellationToken cancellationToken)
    {
        if (text.Any(letter => !char.IsAscii(letter)) || KeyIdOf(text) is not { } keyId || await keys.FindAsync(keyId, cancellationToken) is not { } key)
            return null;
        var result = await s_handler.ValidateTokenAsync(text, Terms(key));
        return result.IsValid && result.SecurityToken is JsonWebToken token ? Read(token) : null;
    }

    /// <summary>Whether the key that vouched for a token still does: an operator may have withdrawn it.</summary>
    public bool IsVouchedFor(VerifiedToken token) => keys.Has(token.KeyId);

    private static string? KeyIdOf(string text)
    {
        try
        {
            return text.Length > LongestText ? null : new JsonWebToken(text).Kid;
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException or FormatException)
        {
            return null;
        }
    }

    private TokenValidationParameters Terms(SigningKey key) => new()
    {
        ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
        ValidTypes = [AccessTokenWriter.Type],
        IssuerSigningKey = key.PublicKey,
        ValidIssuer = AccessTokenWriter.Issuer(portal.Value),
        ValidAudience = AccessTokenWriter.Audience(portal.Value),
        LifetimeValidator = (notBefore, expires, _, _) =>
            notBefore is not null && expires is not null
            && notBefore <= (time.GetUtcNow() + s_clocks).UtcDateTime && expires > time.GetUtcNow().UtcDateTime,
        IncludeTokenOnFailedValidation = false,
    };

    private static VerifiedToken? Read(JsonWebToken token) =>
        Guid.TryParseExact(token.Id, "D", out var id)
        && Guid.TryParseExact(token.Subject, "D", out var userId)
        && token.TryGetPayloadValue<string>(AccessTokenWriter.LoginClaim, out var login)
        && token.TryGetPayloadValue<string>(AccessTokenWriter.ScopeClaim, out var scopes)
            ? new VerifiedToken(
                id, userId, login, scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries),
                new DateTimeOffset(token.IssuedAt, TimeSpan.Zero), new DateTimeOffset(token.ValidTo, TimeSpan.Zero), token.Kid)
            : null;
}
