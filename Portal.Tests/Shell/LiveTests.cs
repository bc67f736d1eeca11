using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Portal.Shell;

namespace Portal.Tests.Shell;

public sealed class LiveTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Live<string> _live;
    private Func<Task<string>> _answer = () => Task.FromResult("one");
    private int _loads;
    private TaskCompletionSource? _changed;

    public LiveTests() => _live = new(
        _ =>
        {
            _loads++;
            return _answer();
        },
        () => _changed?.TrySetResult(),
        new TroubleWords([_ => new Trouble("Away.", "Wait.")], NullLogger<TroubleWords>.Instance),
        _time);

    public void Dispose() => _live.Dispose();

    [Fact]
    public async Task It_loads_at_once_and_then_every_fifteen_seconds()
    {
        _live.IsLoading.ShouldBeTrue();
        _ = _live.RunAsync();
        _live.Value.ShouldBe("one");
        _live.IsLoading.ShouldBeFalse();

        _answer = () => Task.FromResult("two");
        _time.Advance(TimeSpan.FromSeconds(14.9));
        _loads.ShouldBe(1);
        await AdvanceToChangeAsync(TimeSpan.FromSeconds(0.2));
        _live.Value.ShouldBe("two");
    }

    [Fact]
    public async Task In_trouble_the_last_value_stays_and_it_recovers_alone_and_sooner()
    {
        _ = _live.RunAsync();
        _answer = () => Task.FromException<string>(new InvalidOperationException());
        await _live.RefreshAsync();
        (_live.Value, _live.Trouble?.Title).ShouldBe(("one", "Away."));

        await AdvanceToChangeAsync(TimeSpan.FromSeconds(15));
        _answer = () => Task.FromResult("back");
        await AdvanceToChangeAsync(TimeSpan.FromSeconds(5));
        (_live.Value, _live.Trouble).ShouldBe(("back", null));
    }

    [Fact]
    public async Task Told_while_it_loads_it_loads_once_more_afterwards()
    {
        var first = new TaskCompletionSource<string>();
        _answer = () => first.Task;
        var running = _live.RefreshAsync();
        await _live.RefreshAsync();
        await _live.RefreshAsync();
        _loads.ShouldBe(1);

        _answer = () => Task.FromResult("fresh");
        first.SetResult("stale");
        await running;
        (_loads, _live.Value).ShouldBe((2, "fresh"));
    }

    [Fact]
    public void Disposed_it_stops()
    {
        _ = _live.RunAsync();
        _live.Dispose();
        _time.Advance(TimeSpan.FromMinutes(5));
        _loads.ShouldBe(1);
    }

    /// <summary>Moves the clock and waits for what the page is told of it.</summary>
    private async Task AdvanceToChangeAsync(TimeSpan by)
    {
        var changed = _changed = new TaskCompletionSource();
        _time.Advance(by);
        await changed.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }
}
