namespace Portal.Sandbox.Vault;

/// <summary>How long something may live, in Vault's order of precedence. All are cut to whole seconds first, as Vault does.</summary>
internal static class Ttl
{
    public static readonly TimeSpan SystemMaximum = TimeSpan.FromHours(768);

    /// <exception cref="VaultError">its time is over</exception>
    public static (TimeSpan Ttl, IReadOnlyList<string>? Warnings) Calculate(TtlLimits limits, DateTimeOffset now)
    {
        now = WholeSeconds(now);
        var start = limits.Start is { } from ? WholeSeconds(from) : now;
        var maximum = Smallest(limits.MountMaximum, limits.Maximum, limits.ExplicitMaximum);
        var ttl = limits.Period > TimeSpan.Zero ? Smallest(limits.Period, maximum) : FirstSet(limits.Increment, limits.Default, limits.MountDefault);
        if (limits.Period > TimeSpan.Zero && limits.ExplicitMaximum <= TimeSpan.Zero)
            return (ttl, null);
        var left = start + (limits.Period > TimeSpan.Zero ? limits.ExplicitMaximum : maximum) - now;
        if (left <= TimeSpan.Zero)
            throw VaultError.Invalid("past the max TTL, cannot renew");
        return ttl <= left
            ? (ttl, null)
            : (left, [$"TTL of \"{Durations.Print(ttl)}\" exceeded the effective max_ttl of \"{Durations.Print(left)}\"; TTL value is capped accordingly"]);
    }

    /// <summary>The lesser of two that are set; zero means not said.</summary>
    public static TimeSpan Lesser(TimeSpan one, TimeSpan other) =>
        one <= TimeSpan.Zero ? other : other <= TimeSpan.Zero || one < other ? one : other;

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    private static TimeSpan Smallest(params ReadOnlySpan<TimeSpan> spans)
    {
        var smallest = TimeSpan.MaxValue;
        foreach (var span in spans)
        {
            if (span > TimeSpan.Zero && span < smallest)
                smallest = span;
        }

        return smallest;
    }

    private static TimeSpan FirstSet(params ReadOnlySpan<TimeSpan> spans)
    {
        foreach (var span in spans)
        {
            if (span > TimeSpan.Zero)
                return span;
        }

        return TimeSpan.Zero;
    }
}

/// <summary>Zero means not said. The start is when it was issued; null = now.</summary>
internal readonly record struct TtlLimits(TimeSpan MountDefault, TimeSpan MountMaximum)
{
    public TimeSpan Increment { get; init; }

    public TimeSpan Default { get; init; }

    public TimeSpan Maximum { get; init; }

    public TimeSpan ExplicitMaximum { get; init; }

    public TimeSpan Period { get; init; }

    public DateTimeOffset? Start { get; init; }
}
