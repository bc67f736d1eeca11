namespace Portal.Vault;

/// <summary>A token of the portal's own at Vault. Lives in memory alone.</summary>
/// <param name="RenewAt">When two thirds of its life are over.</param>
/// <param name="Life">What Vault gave at the login. Renewals that give less near the longest life that Vault allows.</param>
public sealed record VaultLogin(string Token, bool Renewable, TimeSpan Life, DateTimeOffset RenewAt, DateTimeOffset ExpiresAt)
{
    internal static VaultLogin From(AuthData auth, TimeSpan? life, DateTimeOffset now)
    {
        var granted = TimeSpan.FromSeconds(auth.LeaseDuration);
        // Zero seconds: a token without an end.
        return granted <= TimeSpan.Zero
            ? new VaultLogin(auth.ClientToken!, auth.Renewable, granted, DateTimeOffset.MaxValue, DateTimeOffset.MaxValue)
            : new VaultLogin(auth.ClientToken!, auth.Renewable, life ?? granted, now + (granted * 2 / 3), now + granted);
    }

    public override string ToString() => $"Vault login until {ExpiresAt:O}";
}
