using System.Diagnostics;

namespace Portal.Tests.Support;

/// <summary>Waits for what other processes do: looks often, fails with a sentence when it never comes.</summary>
public static class Eventually
{
    private static readonly TimeSpan s_often = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> TrueAsync(Func<Task<bool>> isTrue, string what, TimeSpan? patience = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await isTrue())
        {
            if (watch.Elapsed > (patience ?? s_patience))
                throw new TimeoutException($"It never came that {what}.");
            await Task.Delay(s_often, TestContext.Current.CancellationToken);
        }

        return watch.Elapsed;
    }
}
