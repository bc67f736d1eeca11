using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Portal.Outbound;

namespace Portal.Tests.Outbound;

/// <summary>With name servers that do not answer.</summary>
public sealed class NameLookupsTests : IDisposable
{
    private static readonly IPAddress s_address = IPAddress.Parse("93.184.216.34");

    private readonly FakeTimeProvider _time = new();
    private readonly ManualResetEventSlim _answers = new();
    private readonly ConcurrentQueue<(string Host, bool IsOfThePool)> _begun = new();
    private readonly SemaphoreSlim _begins = new(0);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Those that still wait on it end by it.
    public void Dispose() => _answers.Set();

    [Fact]
    public async Task Names_that_nobody_answers_for_hold_a_few_threads_and_none_of_the_pool()
    {
        var lookups = new NameLookups(Resolve, _time);
        var asked = Enumerable.Range(0, 60).Select(i => lookups.FindAsync($"{i}.tarpit.test", Cancel)).ToArray();
        await BegunAsync(NameLookups.AtOnce);

        asked.ShouldAllBe(answer => !answer.IsCompleted);
        _time.Advance(NameLookups.Patience);
        foreach (var answer in asked)
            (await Should.ThrowAsync<OutboundException>(() => answer)).Message.ShouldContain("could not be looked up in time");

        _begun.Count.ShouldBe(NameLookups.AtOnce);
        _begun.ShouldAllBe(begun => !begun.IsOfThePool);
    }

    [Fact]
    public async Task Those_that_never_come_back_keep_their_places_until_they_do()
    {
        var lookups = new NameLookups(Resolve, _time);
        var first = Enumerable.Range(0, NameLookups.AtOnce).Select(i => lookups.FindAsync($"{i}.tarpit.test", Cancel)).ToArray();
        await BegunAsync(NameLookups.AtOnce);
        _time.Advance(NameLookups.Patience);
        foreach (var answer in first)
            await Should.ThrowAsync<OutboundException>(() => answer);

        var next = lookups.FindAsync("next.test", Cancel);
        _time.Advance(NameLookups.Patience);
        await Should.ThrowAsync<OutboundException>(() => next);
        _begun.ShouldNotContain(begun => begun.Host == "next.test");

        var later = lookups.FindAsync("later.test", Cancel);
        _answers.Set();
        (await later).ShouldBe([s_address]);
    }

    [Fact]
    public async Task More_than_may_wait_are_refused_at_once()
    {
        var lookups = new NameLookups(Resolve, _time);
        var asked = Enumerable.Range(0, NameLookups.AtOnce + NameLookups.Waiting).Select(i => lookups.FindAsync($"{i}.tarpit.test", Cancel)).ToArray();

        // Time stands still.
        (await Should.ThrowAsync<OutboundException>(() => lookups.FindAsync("one.more.test", Cancel))).Message.ShouldContain("one.more.test");

        _answers.Set();
        (await Task.WhenAll(asked)).ShouldAllBe(found => found.Single().Equals(s_address));
        (await lookups.FindAsync("again.test", Cancel)).ShouldBe([s_address]);
    }

    [Fact]
    public async Task Who_gives_up_is_let_go_while_the_name_is_looked_up()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var answer = new NameLookups(Resolve, _time).FindAsync("tarpit.test", patience.Token);
        await BegunAsync(1);
        await patience.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task An_address_is_no_name_to_look_up()
    {
        var lookups = new NameLookups(_ => throw new InvalidOperationException(), _time);

        (await lookups.FindAsync("93.184.216.34", Cancel)).ShouldBe([s_address]);
        (await lookups.FindAsync("::1", Cancel)).ShouldBe([IPAddress.IPv6Loopback]);
    }

    [Fact]
    public async Task Slow_names_of_users_hold_up_no_operators_address()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var gate = new Gate(_time, host => host == "cloud.test" ? [IPAddress.Loopback] : Resolve(host));
        var asked = Enumerable.Range(0, NameLookups.AtOnce).Select(i => gate.Judge.ConnectAsync(new DnsEndPoint($"{i}.tarpit.test", 443), Cancel).AsTask()).ToArray();
        await BegunAsync(NameLookups.AtOnce);

        await using (await gate.Judge.ConnectConfiguredAsync(new DnsEndPoint("cloud.test", port), Cancel))
        {
            _time.Advance(NameLookups.Patience);
            foreach (var answer in asked)
                (await Should.ThrowAsync<OutboundException>(() => answer)).Message.ShouldContain("could not be looked up in time");
        }
    }

    [Fact]
    public async Task Nothing_is_called_while_nobody_knows_where_an_own_service_is()
    {
        var own = new OwnServices([new Uri("https://vault.tarpit.test:8200")], new NameLookups(Resolve, _time), () => []);
        var answer = own.ContainsAsync("a", s_address, 8200, Cancel);
        await BegunAsync(1);
        _time.Advance(NameLookups.Patience);

        await Should.ThrowAsync<OutboundException>(() => answer);
    }

    [Fact]
    public async Task What_an_own_service_was_last_stays_closed_while_its_name_is_looked_up_too_slowly()
    {
        var own = new OwnServices([new Uri("https://vault.tarpit.test:8200")], new NameLookups(Resolve, _time), () => []);
        _answers.Set();
        (await own.ContainsAsync("a", s_address, 8200, Cancel)).ShouldBeTrue();
        await BegunAsync(1);
        _answers.Reset();

        var answer = own.ContainsAsync("a", s_address, 8200, Cancel);
        await BegunAsync(1);
        _time.Advance(NameLookups.Patience);
        (await answer).ShouldBeTrue();
    }

    private IPAddress[] Resolve(string host)
    {
        _begun.Enqueue((host, Thread.CurrentThread.IsThreadPoolThread));
        _begins.Release();
        _answers.Wait(Cancel);
        return [s_address];
    }

    private async Task BegunAsync(int count)
    {
        for (var i = 0; i < count; i++)
            await _begins.WaitAsync(Cancel);
    }
}
