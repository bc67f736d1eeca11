using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Portal.Sandbox.Clouds;

/// <summary>Access tokens that a cloud gave out; they do not end.</summary>
internal sealed class BearerTokens
{
    private readonly ConcurrentDictionary<string, byte> _tokens = new(StringComparer.Ordinal);

    public string Create()
    {
        var token = RandomNumberGenerator.GetHexString(64, lowercase: true);
        _tokens[token] = 0;
        return token;
    }

    public bool Know(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var header && header.StartsWith("Bearer ", StringComparison.Ordinal) && _tokens.ContainsKey(header["Bearer ".Length..]);
}
