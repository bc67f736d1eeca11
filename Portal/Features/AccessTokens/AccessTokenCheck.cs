using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Portal.Features.Teams;

namespace Portal.Features.AccessTokens;

/// <summary>
/// Whether a token counts, at every call. Its signature is checked once a text and remembered by the text's SHA-256; that it stands on the
/// whitelist, and its owner in good standing, is remembered for <see cref="AccessTokensOptions.CacheTime"/>. Both memories are bounded.
/// </summary>
public sealed class AccessTokenCheck(
    AccessTokenReader reader,
    Whitelist whitelist,
    AccessTokenInventory inventory,
    MembershipCheck memberships,
    IOptions<AccessTokensOptions> options,
    TimeProvider time) : IDisposable
{
    private const int Remembered = 20_000;

    private readonly MemoryCache _texts = new(new MemoryCacheOptions { SizeLimit = Remembered });
    private readonly MemoryCache _standings = new(new MemoryCacheOptions { SizeLimit = Remembered });
    private readonly ConcurrentDictionary<Entry, Lazy<Task<string?>>> _underWay = [];

    /// <returns>What the token says, or null when it does not count: forged, over, revoked, or its owner is gone.</returns>
    /// <exception cref="Portal.Vault.VaultException">Nobody knows: Vault does not answer, and what is remembered is too old.</exception>
    public async ValueTask<VerifiedToken?> CheckAsync(string text, CancellationToken cancellationToken)
    {
        if (await VerifyAsync(text, cancellationToken) is not { } token || token.ExpiresAt <= time.GetUtcNow() || inventory.IsRefused(token.Id))
            return null;
        var login = await StandsAsync(token, cancellationToken);
        // Looked at last too: what was revoked while the whitelist was asked stays revoked.
        return login is not null && !inventory.IsRefused(token.Id) ? token with { Login = login } : null;
    }

    public void Dispose()
    {
        _texts.Dispose();
        _standings.Dispose();
    }

    private async ValueTask<VerifiedToken?> VerifyAsync(string text, CancellationToken cancellationToken)
    {
        if (text.Length > AccessTokenReader.LongestText)
            return null;
        var key = TextKey.Of(text);
        if (_texts.TryGetValue(key, out VerifiedToken? known) && reader.IsVouchedFor(known!))
            return known;
        if (await reader.ReadAsync(text, cancellationToken) is not { } token)
            return null;
        if (options.Value.CacheTime > TimeSpan.Zero && token.ExpiresAt > time.GetUtcNow())
            _texts.Set(key, token, For(token.ExpiresAt - time.GetUtcNow()));
        return token;
    }

    /// <returns>The owner's present login; null when the token does not count.</returns>
    private async ValueTask<string?> StandsAsync(VerifiedToken token, CancellationToken cancellationToken)
    {
        if (options.Value.CacheTime == TimeSpan.Zero)
            return await LookUpAsync(token);
        if (_standings.TryGetValue(Entry.Of(token), out Standing? known) && time.GetUtcNow() < known!.Until)
            return known.Login;
        return await _underWay.GetOrAdd(Entry.Of(token), _ => new Lazy<Task<string?>>(() => LookUpOnceAsync(token))).Value.WaitAsync(cancellationToken);
    }

    // Shared by all who wait: none of them cancels it.
    private async Task<string?> LookUpOnceAsync(VerifiedToken token)
    {
        try
        {
            var askedAt = time.GetUtcNow();
            var login = await LookUpAsync(token);
            var remembered = login is not null ? options.Value.CacheTime : options.Value.AbsentTime;
            // Counted from the question: an answer that was long under way is not fresh.
            if (remembered > TimeSpan.Zero)
                _standings.Set(Entry.Of(token), new Standing(login, askedAt + remembered), For(remembered));
            return login;
        }
        finally
        {
            _underWay.TryRemove(Entry.Of(token), out _);
        }
    }

    // The whitelist last: it is the freshest word, and what is over in the portal's own database costs Vault no call.
    private async Task<string?> LookUpAsync(VerifiedToken token)
    {
        if (await inventory.FindOwnerAsync(token.Id, token.UserId, CancellationToken.None) is not { } owner || IsBefore(token, owner.TokensNotBefore))
            return null;
        try
        {
            await memberships.GetAsync(token.Actor(""), now: false, CancellationToken.None);
            return await whitelist.HasAsync(token.UserId, token.Id, CancellationToken.None) ? owner.Login : null;
        }
        catch (SignedOutException)
        {
            return null;
        }
    }

    // Tokens know whole seconds. Those of the same second that are over are known by their rows.
    private static bool IsBefore(VerifiedToken token, DateTimeOffset? moment) => token.IssuedAt.ToUnixTimeSeconds() < moment?.ToUnixTimeSeconds();

    private static MemoryCacheEntryOptions For(TimeSpan life) => new() { Size = 1, AbsoluteExpirationRelativeToNow = life };

    /// <summary>Of the whitelist.</summary>
    private readonly record struct Entry(Guid UserId, Guid TokenId)
    {
        public static Entry Of(VerifiedToken token) => new(token.UserId, token.Id);
    }

    /// <param name="Login">The owner's; null when the token does not count.</param>
    private sealed record Standing(string? Login, DateTimeOffset Until);

    /// <summary>SHA-256 of a token's text: memory that leaks opens nothing.</summary>
    private readonly record struct TextKey(UInt128 First, UInt128 Second)
    {
        public static TextKey Of(string text)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            Span<byte> bytes = stackalloc byte[AccessTokenReader.LongestText];
            // Nothing but ASCII is a token; whatever else becomes a question mark and is refused by the reader.
            SHA256.HashData(bytes[..Encoding.ASCII.GetBytes(text, bytes)], hash);
            return new(BitConverter.ToUInt128(hash), BitConverter.ToUInt128(hash[16..]));
        }
    }
}
