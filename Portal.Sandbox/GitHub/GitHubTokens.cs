using System.Security.Cryptography;

namespace Portal.Sandbox.GitHub;

/// <summary>Codes and tokens of the OAuth application. Thread-safe.</summary>
internal sealed class GitHubTokens(TimeProvider time)
{
    private const string Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int MostPerUserAndScopes = 10;

    private static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestIdle = TimeSpan.FromDays(365);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, AuthorizationCode> _codes = [];
    private readonly List<AccessToken> _tokens = [];
    private long _lastId = 500;

    public string AddCode(long userId, AuthorizeRequest request, string scopes)
    {
        var code = RandomNumberGenerator.GetHexString(20, lowercase: true);
        lock (_lock)
            _codes[code] = new AuthorizationCode(userId, request.RedirectUri, scopes, request.CodeChallenge, time.GetUtcNow() + CodeLife);
        return code;
    }

    /// <summary>The code's content, once. Null: unknown, used, or too old.</summary>
    public AuthorizationCode? TakeCode(string code)
    {
        lock (_lock)
            return _codes.Remove(code, out var found) && time.GetUtcNow() < found.Expires ? found : null;
    }

    public AccessToken Add(long userId, string scopes)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            var same = _tokens.Where(t => t.UserId == userId && t.Scopes == scopes).ToList();
            if (same.Count >= MostPerUserAndScopes)
                _tokens.Remove(same[0]);
            var token = new AccessToken(++_lastId, $"gho_{RandomNumberGenerator.GetString(Letters, 36)}", userId, scopes, now) { LastUsed = now };
            _tokens.Add(token);
            return token;
        }
    }

    /// <summary>The token, now used. Null: unknown, revoked, or unused for a year.</summary>
    public AccessToken? Use(string text)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            _tokens.RemoveAll(t => now - t.LastUsed > LongestIdle);
            var token = _tokens.Find(t => t.Text == text);
            token?.LastUsed = now;
            return token;
        }
    }

    public int Count(long userId)
    {
        lock (_lock)
            return _tokens.Count(t => t.UserId == userId);
    }

    public bool Revoke(string text)
    {
        lock (_lock)
            return _tokens.RemoveAll(t => t.Text == text) > 0;
    }

    public void RevokeAll(long userId)
    {
        lock (_lock)
            _tokens.RemoveAll(t => t.UserId == userId);
    }
}

/// <param name="CodeChallenge">S256; null when the request had none.</param>
internal sealed record AuthorizationCode(long UserId, Uri RedirectUri, string Scopes, string? CodeChallenge, DateTimeOffset Expires);

/// <param name="Scopes">Sorted, with commas.</param>
internal sealed record AccessToken(long Id, string Text, long UserId, string Scopes, DateTimeOffset Created)
{
    public DateTimeOffset LastUsed { get; set; }

    public bool Has(string scope) => Scopes.Split(',').Any(held => held == scope || Implies(held, scope));

    public override string ToString() => $"token {Id} of user {UserId}";

    private static bool Implies(string held, string scope) => scope switch
    {
        "user:email" or "read:user" => held == "user",
        "read:org" => held is "write:org" or "admin:org",
        _ => false,
    };
}
