using System.Security.Cryptography;
using System.Text;

namespace Portal.Sandbox.Kubernetes;

/// <summary>Knows the caller by the bearer token, at the API's door and for TokenReviews.</summary>
internal sealed class Authentication(string adminToken, string audience, ServiceAccountTokens tokens)
{
    private readonly byte[] _adminToken = Hash(adminToken);

    public string Audience { get; } = audience;

    /// <exception cref="ApiException">401: there is a token, and it is not good.</exception>
    public Caller Authenticate(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return header.Length == 0 ? Caller.Anonymous : throw ApiException.Unauthorized();
        return Authenticate(header["Bearer ".Length..].Trim(), []).Caller ?? throw ApiException.Unauthorized();
    }

    /// <summary>The caller, or the error in a TokenReview's words.</summary>
    /// <param name="token">Never part of the error.</param>
    /// <param name="audiences">Empty: the API's own.</param>
    public (Caller? Caller, string? Error) Authenticate(string token, IReadOnlyList<string> audiences)
    {
        if (audiences.Count == 0)
            audiences = [Audience];
        if (CryptographicOperations.FixedTimeEquals(Hash(token), _adminToken) && audiences.Contains(Audience))
            return (Caller.Administrator([Audience]), null);
        var (caller, error) = tokens.Authenticate(token, audiences);
        return (caller, caller is not null ? null : error is null ? "invalid bearer token" : $"[invalid bearer token, {error}]");
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
