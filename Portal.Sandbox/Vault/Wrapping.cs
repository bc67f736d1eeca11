using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary>Answers kept behind a token that is good for one look.</summary>
internal sealed class Wrapping(TokenStore tokens, TimeProvider time)
{
    private const string Gone = "wrapping token is not valid or does not exist";

    public TokenEntry Wrap(Wrapped wrapped, TimeSpan ttl)
    {
        var now = time.GetUtcNow();
        return tokens.Add(new TokenEntry
        {
            Id = TokenStore.NewId(),
            Accessor = TokenStore.NewAccessor(),
            Policies = [Policies.ResponseWrapping],
            Path = wrapped.CreationPath,
            CreationTtl = ttl,
            ExplicitMaxTtl = ttl,
            Ttl = ttl,
            Created = now,
            Expires = now + ttl,
            Uses = 1,
            Wrapped = wrapped,
        });
    }

    /// <exception cref="VaultError">no such wrapping token, or it was used</exception>
    public TokenEntry Find(string? id) =>
        id is { Length: > 0 } && tokens.Find(id) is { Wrapped: not null } token ? token : throw VaultError.Invalid(Gone);

    /// <summary>Gives the answer, once.</summary>
    public Answer Unwrap(string? id)
    {
        var wrapped = Use(id).Wrapped!;
        return new Answer { Status = wrapped.Status, Bare = (JsonObject)JsonNode.Parse(wrapped.Body)! };
    }

    /// <summary>Keeps the answer for as long again behind another token.</summary>
    public TokenEntry Rewrap(string? id)
    {
        var before = Use(id);
        return Wrap(before.Wrapped!, before.CreationTtl);
    }

    private TokenEntry Use(string? id)
    {
        var token = Find(id);
        if (!token.TryUse())
            throw VaultError.Invalid(Gone);
        tokens.Revoke(token);
        return token;
    }
}
