using System.Collections.Concurrent;

namespace Portal.Sandbox.Vault;

/// <summary>All leases. Each ends by itself at its time, and a revocation that fails is tried again with growing pauses.</summary>
internal sealed partial class Leases(ExpiryQueue queue, TimeProvider time, TimeSpan firstPause, ILogger<Leases> logger)
{
    /// <summary>After so many failures Vault gives a lease up as irrevocable.</summary>
    private const int MaxFailures = 6;

    private readonly ConcurrentDictionary<string, Lease> _leases = new(StringComparer.Ordinal);

    public IEnumerable<Lease> Irrevocable => _leases.Values.Where(lease => lease.Irrevocable is not null);

    public Lease? Find(string id) => _leases.GetValueOrDefault(id);

    public IReadOnlyList<Lease> Below(string prefix) =>
        [.. _leases.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(pair => pair.Value)];

    /// <summary>Takes the secret under watch. When its token has been revoked meanwhile, the secret is revoked at once.</summary>
    /// <exception cref="VaultError">the token is gone</exception>
    public (Lease Lease, IReadOnlyList<string>? Warnings) Register(string path, Mount mount, TokenEntry owner, LeaseTerms terms)
    {
        var now = time.GetUtcNow();
        var (ttl, warnings) = Ttl.Calculate(mount.Limits with { Default = terms.Ttl, Maximum = terms.MaxTtl }, now);
        var lease = new Lease($"{path}/{Secrets.Base62(24)}", mount, owner, now, terms) { Ttl = ttl, Expires = now + ttl };
        lease.Deadline = new Deadline(() => ExpireAsync(lease));
        _leases[lease.Id] = lease;
        if (!owner.TryAttach(lease))
        {
            RevokeLater(lease);
            throw VaultError.Denied();
        }

        queue.Set(lease.Deadline, lease.Expires);
        return (lease, warnings);
    }

    /// <exception cref="VaultError">it cannot be renewed</exception>
    public async Task<(Lease Lease, IReadOnlyList<string>? Warnings)> RenewAsync(string id, TimeSpan increment)
    {
        var lease = Find(id) ?? throw VaultError.Invalid("lease not found");
        await lease.Gate.WaitAsync();
        try
        {
            if (lease.IsGone)
                throw VaultError.Invalid("lease not found");
            if (lease.Expires <= time.GetUtcNow())
                throw VaultError.Invalid("lease expired");
            lease.Terms = await RenewTermsAsync(lease, increment);
            var now = time.GetUtcNow();
            var (ttl, warnings) = Ttl.Calculate(
                lease.Mount.Limits with { Increment = increment, Default = lease.Terms.Ttl, Maximum = lease.Terms.MaxTtl, Start = lease.Issued }, now);
            (lease.Ttl, lease.Expires, lease.Renewed) = (ttl, now + ttl, now);
            // It, or its token, may have been revoked while the engine was renewing: then it ends at once all the same.
            if (lease.IsEnding)
                lease.Expires = now;
            queue.Set(lease.Deadline, lease.Expires);
            return (lease, warnings);
        }
        finally
        {
            lease.Gate.Release();
        }
    }

    /// <summary>Revokes now and tells how it went. What is gone already is no mistake.</summary>
    /// <exception cref="VaultError">the engine could not revoke it</exception>
    public async Task RevokeAsync(Lease lease)
    {
        await lease.Gate.WaitAsync();
        try
        {
            if (lease.IsGone)
                return;
            await lease.Terms.Revoke();
            Remove(lease);
        }
        catch (Exception e) when (e is not VaultError)
        {
            throw VaultError.Invalid($"failed to revoke entry: resp: (*logical.Response)(nil) err: {e.Message}");
        }
        finally
        {
            lease.Gate.Release();
        }
    }

    /// <summary>Revokes in the background, again and again when it fails.</summary>
    public void RevokeLater(Lease lease)
    {
        var now = time.GetUtcNow();
        lease.IsEnding = true;
        if (lease.Expires > now)
            lease.Expires = now;
        if (lease.Irrevocable is null && !lease.IsGone)
            queue.Set(lease.Deadline, now);
    }

    /// <summary>Forgets it, revoked or not.</summary>
    public async Task ForceAsync(Lease lease)
    {
        try
        {
            await RevokeAsync(lease);
        }
        catch (VaultError)
        {
            Remove(lease);
        }
    }

    private static async Task<LeaseTerms> RenewTermsAsync(Lease lease, TimeSpan increment)
    {
        try
        {
            return await lease.Terms.Renew(lease, increment);
        }
        catch (Exception e)
        {
            throw VaultError.Invalid($"failed to renew entry: {e.Message}");
        }
    }

    private async Task ExpireAsync(Lease lease)
    {
        // Renewed while this was waiting for its turn.
        if (lease.Expires > time.GetUtcNow())
        {
            queue.Set(lease.Deadline, lease.Expires);
            return;
        }

        try
        {
            await RevokeAsync(lease);
        }
        catch (VaultError e)
        {
            if (++lease.Failures >= MaxFailures)
            {
                lease.Irrevocable = e.Message;
                Log.GivenUp(logger, lease.Id, lease.Failures);
                return;
            }

            var pause = firstPause * Math.Pow(2, lease.Failures - 1);
            Log.NotRevoked(logger, lease.Id, pause);
            queue.Set(lease.Deadline, time.GetUtcNow() + pause);
        }
    }

    private void Remove(Lease lease)
    {
        lease.IsGone = true;
        _leases.TryRemove(lease.Id, out _);
        lease.Owner?.Detach(lease);
        queue.Clear(lease.Deadline);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Lease {Lease} could not be revoked; next try in {Pause}.")]
        public static partial void NotRevoked(ILogger logger, string lease, TimeSpan pause);

        [LoggerMessage(2, LogLevel.Error, "Lease {Lease} is irrevocable after {Tries} tries.")]
        public static partial void GivenUp(ILogger logger, string lease, int tries);
    }
}
