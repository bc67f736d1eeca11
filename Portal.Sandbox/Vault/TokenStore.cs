using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Portal.Sandbox.Vault;

/// <summary>The tree of tokens. Revoking one revokes its children, and lets go of the leases of all of them.</summary>
internal sealed partial class TokenStore(ExpiryQueue queue, Leases leases, TimeProvider time)
{
    private readonly Lock _tree = new();
    private readonly ConcurrentDictionary<string, TokenEntry> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TokenEntry> _byAccessor = new(StringComparer.Ordinal);

    public IEnumerable<string> Accessors => _byAccessor.Keys;

    public static string NewId(TokenType type = TokenType.Service) =>
        type == TokenType.Batch ? $"hvb.{Secrets.Base62(138)}" : $"hvs.{Secrets.Base62(24)}";

    public static string NewAccessor() => Secrets.Base62(24);

    /// <summary>As Vault cleans it: other characters become dashes, and none is left at the end.</summary>
    public static string CleanDisplayName(string name)
    {
        var clean = NotAllowed().Replace(name, "-");
        return clean.EndsWith('-') ? clean[..^1] : clean;
    }

    public TokenEntry? Find(string id) => Living(_byId.GetValueOrDefault(id));

    public TokenEntry? FindByAccessor(string accessor) => Living(_byAccessor.GetValueOrDefault(accessor));

    /// <exception cref="VaultError">its parent has been revoked meanwhile, or its id is taken</exception>
    public TokenEntry Add(TokenEntry token)
    {
        lock (_tree)
        {
            if (token.Parent is { IsRevoked: true })
                throw VaultError.Fault("permission denied", 403);
            if (!_byId.TryAdd(token.Id, token))
                throw VaultError.Invalid("cannot create a token with a duplicate ID");
            if (token.Accessor.Length > 0)
                _byAccessor[token.Accessor] = token;
            token.Parent?.Children.Add(token);
            token.Deadline = new Deadline(() => ExpireAsync(token));
        }

        if (token.Expires is { } expires)
            queue.Set(token.Deadline, expires);
        return token;
    }

    /// <summary>The token of somebody who logged in: an orphan with the policies of the role.</summary>
    public TokenEntry Login(VaultRequest request, LoginTerms terms)
    {
        var now = time.GetUtcNow();
        TtlLimits Limits(TtlLimits of)
        {
            var current = terms.Current?.Invoke() ?? terms;
            return of with { Default = current.Ttl, Maximum = current.MaxTtl, Period = current.Period, ExplicitMaximum = current.ExplicitMaxTtl };
        }

        var (ttl, _) = Ttl.Calculate(Limits(request.Mount.Limits), now);
        return Add(new TokenEntry
        {
            Id = NewId(terms.Type),
            Accessor = terms.Type == TokenType.Batch ? "" : NewAccessor(),
            Policies = Policies.Clean(terms.Policies, addDefault: !terms.HasNoDefaultPolicy),
            Path = request.Path,
            DisplayName = CleanDisplayName($"{request.Mount.Path["auth/".Length..]}{terms.DisplayName}".Replace('/', '-')),
            Meta = terms.Meta,
            Type = terms.Type,
            EntityId = terms.EntityId,
            CreationTtl = ttl,
            ExplicitMaxTtl = terms.ExplicitMaxTtl,
            Period = terms.Period,
            IsRenewable = terms.Type == TokenType.Service,
            Created = now,
            Uses = terms.Uses,
            RenewalLimits = Limits,
            Ttl = ttl,
            Expires = now + ttl,
        });
    }

    /// <exception cref="VaultError">it cannot be renewed</exception>
    public IReadOnlyList<string>? Renew(TokenEntry token, Mount mount, TimeSpan increment)
    {
        if (token.Type == TokenType.Batch)
            throw VaultError.Invalid("batch tokens cannot be renewed");
        if (token.Expires is null)
            throw VaultError.Invalid("lease not found or lease is not renewable");
        if (!token.IsRenewable)
            throw VaultError.Invalid("lease is not renewable");
        var now = time.GetUtcNow();
        var limits = mount.Limits with { Increment = increment, Period = token.Period, ExplicitMaximum = token.ExplicitMaxTtl, Start = token.Created };
        var (ttl, warnings) = Ttl.Calculate(token.RenewalLimits?.Invoke(limits) ?? limits, now);
        lock (_tree)
        {
            if (token.IsRevoked)
                throw VaultError.Invalid("token not found");
            (token.Ttl, token.Expires, token.Renewed) = (ttl, now + ttl, now);
            queue.Set(token.Deadline!, now + ttl);
        }

        return warnings;
    }

    public void Revoke(TokenEntry token)
    {
        List<Lease> held = [];
        lock (_tree)
        {
            token.Parent?.Children.Remove(token);
            RemoveTree(token, held);
        }

        held.ForEach(leases.RevokeLater);
    }

    /// <summary>Its children live on as orphans.</summary>
    public void RevokeAlone(TokenEntry token)
    {
        lock (_tree)
        {
            foreach (var child in token.Children)
                child.Parent = null;
            token.Children.Clear();
        }

        Revoke(token);
    }

    /// <summary>Every token but root tokens that never end.</summary>
    public void RevokeAll()
    {
        foreach (var token in _byId.Values.Where(token => !(token.IsRoot && token.Expires is null)).ToList())
            Revoke(token);
    }

    /// <summary>Every token that was given out below the path.</summary>
    public void RevokeFrom(string path)
    {
        foreach (var token in _byId.Values.Where(token => token.Path.StartsWith(path, StringComparison.Ordinal)).ToList())
            Revoke(token);
    }

    private TokenEntry? Living(TokenEntry? token) => token is null || token.IsRevoked || token.Expires <= time.GetUtcNow() ? null : token;

    private void RemoveTree(TokenEntry token, List<Lease> held)
    {
        var waiting = new Stack<TokenEntry>([token]);
        while (waiting.TryPop(out var next))
        {
            foreach (var child in next.Children)
                waiting.Push(child);
            next.Children.Clear();
            held.AddRange(next.MarkRevoked());
            _byId.TryRemove(next.Id, out _);
            _byAccessor.TryRemove(next.Accessor, out _);
            if (next.Deadline is not null)
                queue.Clear(next.Deadline);
        }
    }

    private Task ExpireAsync(TokenEntry token)
    {
        if (token.Expires > time.GetUtcNow())
            queue.Set(token.Deadline!, token.Expires.Value);
        else
            Revoke(token);
        return Task.CompletedTask;
    }

    [GeneratedRegex("[^a-zA-Z0-9-]", RegexOptions.CultureInvariant)]
    private static partial Regex NotAllowed();
}
