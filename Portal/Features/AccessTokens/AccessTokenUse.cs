using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Features.AccessTokens;

/// <summary>Remembers when and from which network a token was last used: by the day and coarsely, so that it costs no call a write.</summary>
public sealed class AccessTokenUse(IDbContextFactory<PortalDb> databases, TimeProvider time)
{
    private readonly ConcurrentDictionary<Guid, Use> _noted = [];
    private readonly ConcurrentDictionary<Guid, Use> _toWrite = [];

    public void Note(Guid tokenId, IPAddress? address)
    {
        var use = new Use(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), Network(address));
        if (_noted.TryGetValue(tokenId, out var before) && before == use)
            return;
        _noted[tokenId] = use;
        _toWrite[tokenId] = use;
    }

    /// <summary>Writes what is new. What fails is written the next time.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (_toWrite.IsEmpty)
            return;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var (id, use) in _toWrite)
        {
            await db.AccessTokens.Where(token => token.Id == id).ExecuteUpdateAsync(
                set => set.SetProperty(token => token.LastUsedOn, use.On).SetProperty(token => token.LastUsedFrom, use.From), cancellationToken);
            _toWrite.TryRemove(KeyValuePair.Create(id, use));
        }

        // Yesterday's uses come again when they do.
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        foreach (var (id, use) in _noted.Where(noted => noted.Value.On != today))
            _noted.TryRemove(KeyValuePair.Create(id, use));
    }

    /// <summary>The /24 of an IPv4 address, the /48 of an IPv6 one; empty when there is none.</summary>
    public static string Network(IPAddress? address)
    {
        if (address is null)
            return "";
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var (bytes, kept) = (plain.GetAddressBytes(), plain.AddressFamily == AddressFamily.InterNetwork ? 3 : 6);
        bytes.AsSpan(kept).Clear();
        return $"{new IPAddress(bytes)}/{kept * 8}";
    }

    private sealed record Use(DateOnly On, string From);
}
