using System.Globalization;

namespace Portal.Benchmarks;

/// <summary>What the check of an access token costs: against none, and against one that remembers nothing.</summary>
internal static class Me
{
    private const int Rounds = 5;

    public static async IAsyncEnumerable<Row> MeasureAsync(Bench bench)
    {
        await using var portal = await bench.StartPortalAsync("me");
        using var alice = await Api.SignInAsync(portal.Address, "alice");
        var me = new Uri(portal.Address, "/api/v1/me");
        var open = new Uri(portal.Address, $"{UncheckedPortal.Path}?user={alice.UserId}&token={alice.TokenId}");
        // The same answer, and everything warm.
        if (await alice.GetAsync(me) is var answer && answer != await alice.GetAsync(open))
            throw new InvalidOperationException($"The sides do not answer alike: {answer}");
        await Wrk.CallsPerSecondAsync(me, alice.Token);
        await Wrk.CallsPerSecondAsync(open);

        var (checkedCalls, uncheckedCalls) = await Wrk.CompareAsync(Rounds, () => Wrk.CallsPerSecondAsync(me, alice.Token), () => Wrk.CallsPerSecondAsync(open));
        yield return Of("GET /api/v1/me, caches warm, against the same answer without any check", checkedCalls / uncheckedCalls, 0.85, "≥ 0.85", checkedCalls, uncheckedCalls);

        await using var forgetful = await bench.StartPortalAsync("me-forgetful", settings: ("AccessTokens:CacheTime", "00:00:00"));
        using var again = await Api.SignInAsync(forgetful.Address, "alice");
        var asked = new Uri(forgetful.Address, "/api/v1/me");
        await Wrk.CallsPerSecondAsync(asked, again.Token);
        var (remembering, forgetting) = await Wrk.CompareAsync(Rounds, () => Wrk.CallsPerSecondAsync(me, alice.Token), () => Wrk.CallsPerSecondAsync(asked, again.Token));
        yield return Of("the same against the check without caches (one Vault read a call)", remembering / forgetting, 5, "≥ 5", remembering, forgetting);
    }

    private static Row Of(string what, double ratio, double goal, string goalText, double one, double other) =>
        new(what, ratio, goalText, ratio >= goal, string.Create(CultureInfo.InvariantCulture, $"{one:0} against {other:0} calls/s"));
}
