namespace Portal.Vault;

/// <summary>
/// The portal's logins at Vault, one a role, made when first needed. However many ask, one login is in flight. When two
/// thirds of a token's life are over, the next caller starts its renewal and goes on with the old token meanwhile.
/// </summary>
public sealed partial class VaultLogins(KubernetesLogin kubernetes, VaultNames names, TimeProvider time, ILogger<VaultLogins> logger)
{
    private static readonly TimeSpan s_renewalPause = TimeSpan.FromSeconds(5);
    private readonly Dictionary<VaultRole, Slot> _slots = Enum.GetValues<VaultRole>().ToDictionary(role => role, role => new Slot(role));

    /// <exception cref="VaultException">The login failed; the next caller tries again.</exception>
    public Task<VaultLogin> GetAsync(VaultRole role, CancellationToken cancellationToken)
    {
        var slot = _slots[role];
        lock (slot.Lock)
        {
            var now = time.GetUtcNow();
            if (slot.Current is { } login && now < login.ExpiresAt)
            {
                if (now >= login.RenewAt && now >= slot.NextRenewal && slot.Renewal.IsCompleted)
                    slot.Renewal = Task.Run(() => RenewAsync(slot, login), CancellationToken.None);
                return Task.FromResult(login);
            }
            return LogInOnce(slot).WaitAsync(cancellationToken);
        }
    }

    /// <summary>Another login than one that Vault refused. Callers that were refused together get the same one.</summary>
    public Task<VaultLogin> ReplaceAsync(VaultRole role, VaultLogin refused, CancellationToken cancellationToken)
    {
        var slot = _slots[role];
        lock (slot.Lock)
        {
            if (slot.Current is { } login && login.Token != refused.Token)
                return Task.FromResult(login);
            slot.Current = null;
            return LogInOnce(slot).WaitAsync(cancellationToken);
        }
    }

    // The login belongs to all who wait for it: no caller's cancellation ends it.
    private Task<VaultLogin> LogInOnce(Slot slot) =>
        slot.LogIn is { IsCompleted: false } underWay ? underWay : slot.LogIn = Task.Run(() => LogInAsync(slot), CancellationToken.None);

    private async Task<VaultLogin> LogInAsync(Slot slot)
    {
        var login = await kubernetes.LogInAsync(slot.Role, CancellationToken.None);
        lock (slot.Lock)
            slot.Current = login;
        Log.LoggedIn(logger, names.Role(slot.Role), login.Life);
        return login;
    }

    private async Task RenewAsync(Slot slot, VaultLogin login)
    {
        try
        {
            var next = await RenewOrLogInAsync(slot.Role, login);
            lock (slot.Lock)
            {
                // Refused and replaced meanwhile: the newer login counts.
                if (ReferenceEquals(slot.Current, login))
                    slot.Current = next;
            }
        }
        catch (VaultException failure)
        {
            lock (slot.Lock)
                slot.NextRenewal = time.GetUtcNow() + s_renewalPause;
            Log.RenewalFailed(logger, names.Role(slot.Role), failure.Message);
        }
    }

    private async Task<VaultLogin> RenewOrLogInAsync(VaultRole role, VaultLogin login)
    {
        if (login.Renewable)
        {
            try
            {
                var renewed = await kubernetes.RenewAsync(login, CancellationToken.None);
                // Less than was given at first: the token nears the longest life that Vault allows it.
                if (renewed.ExpiresAt - time.GetUtcNow() > login.Life / 2)
                    return renewed;
            }
            catch (VaultException refusal) when (refusal.Failure is not (VaultFailure.Unreachable or VaultFailure.Sealed))
            {
                Log.RenewalRefused(logger, names.Role(role), refusal.Message);
            }
        }
        return await kubernetes.LogInAsync(role, CancellationToken.None);
    }

    private sealed class Slot(VaultRole role)
    {
        public VaultRole Role => role;

        public Lock Lock { get; } = new();

        public VaultLogin? Current { get; set; }

        public Task<VaultLogin>? LogIn { get; set; }

        public Task Renewal { get; set; } = Task.CompletedTask;

        public DateTimeOffset NextRenewal { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Information, "Logged in to Vault as {Role} for {Life}.")]
        public static partial void LoggedIn(ILogger logger, string role, TimeSpan life);

        [LoggerMessage(2002, LogLevel.Warning, "Vault did not renew the login as {Role}; logging in afresh: {Why}")]
        public static partial void RenewalRefused(ILogger logger, string role, string why);

        [LoggerMessage(2003, LogLevel.Warning, "The login at Vault as {Role} could not be renewed yet: {Why}")]
        public static partial void RenewalFailed(ILogger logger, string role, string why);
    }
}
