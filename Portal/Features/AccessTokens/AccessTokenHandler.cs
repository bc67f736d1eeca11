using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.AccessTokens;

/// <summary>Lets in whoever brings an access token that counts (RFC 6750, the header alone), and says why not as problem details.</summary>
public sealed class AccessTokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AccessTokenCheck check, AccessTokenUse use)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    private const string Bearer = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { } value || !value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.NoResult();
        if (await check.CheckAsync(value[Bearer.Length..].Trim(), Context.RequestAborted) is not { } token)
            return AuthenticateResult.Fail("The token does not count.");

        var address = Context.Connection.RemoteIpAddress;
        use.Note(token.Id, address);
        return AuthenticateResult.Success(new AuthenticationTicket(Principal(token, address?.ToString() ?? ""), Scheme.Name));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var isGiven = Request.Headers.Authorization.Count > 0;
        Response.Headers[HeaderNames.WWWAuthenticate] = isGiven ? "Bearer error=\"invalid_token\"" : "Bearer";
        return Problems.Of(
            StatusCodes.Status401Unauthorized,
            isGiven ? "token-refused" : "token-missing",
            isGiven
                ? "This access token does not count: it is not of this portal, over, or revoked. Make another on the page Tokens."
                : "Send an access token: Authorization: Bearer <token>. You make one on the page Tokens.")
            .ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var needed = Context.GetEndpoint()?.Metadata.GetMetadata<NeededScopes>()?.AnyOf ?? [];
        Response.Headers[HeaderNames.WWWAuthenticate] = $"Bearer error=\"insufficient_scope\", scope=\"{string.Join(' ', needed)}\"";
        return Problems.Of(
            StatusCodes.Status403Forbidden, "scope-missing", $"This call needs an access token with the scope {string.Join(" or ", needed)}.", ("scopes", needed))
            .ExecuteAsync(Context);
    }

    private ClaimsPrincipal Principal(VerifiedToken token, string address)
    {
        List<Claim> claims =
        [
            new(ClaimTypes.NameIdentifier, token.UserId.ToString()),
            new(ClaimTypes.Name, token.Login),
            new(Actor.AddressClaim, address),
            new(Actor.TokenClaim, token.Id.ToString()),
            new(Actor.TokenEndClaim, token.ExpiresAt.ToString("O", CultureInfo.InvariantCulture)),
        ];
        claims.AddRange(token.Scopes.Select(scope => new Claim(Actor.ScopeClaim, scope)));
        return new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme.Name));
    }
}
