using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Outbound;
using Portal.Tests.Support;

namespace Portal.Tests.Outbound;

/// <summary>Over real sockets.</summary>
public sealed class OutboundClientsTests
{
    private const string Public = "93.184.216.34";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_name_that_leads_elsewhere_the_second_time_is_not_followed_there()
    {
        await using var server = await TlsServer.StartAsync(_ => Task.CompletedTask);
        await using var gate = new Gate().With("rebind.example.org", Public, "127.0.0.1");

        // What a check beforehand would have seen.
        var first = gate.Services.GetRequiredService<OutboundResolver>()("rebind.example.org");
        (await gate.Judge.RefusalAsync("rebind.example.org", first.Single(), server.Port, Cancel)).ShouldBeNull();

        await Should.ThrowAsync<OutboundRefusedException>(() => gate.Clients.ForUsers().GetAsync($"https://rebind.example.org:{server.Port}/", Cancel));
    }

    [Fact]
    public async Task An_allowed_address_is_called_and_its_authority_believed_when_it_is_named()
    {
        await using var server = await TlsServer.StartAsync(context => context.Response.WriteAsync("hello"));
        using var authority = new TemporaryFile(server.AuthorityPem);
        await using var gate = new Gate(("Outbound:Allow:0", $"127.0.0.1/32:{server.Port}"), ("Outbound:CaFile", authority.Path)).With("localhost", "127.0.0.1");
        await using var stranger = new Gate(("Outbound:Allow:0", $"127.0.0.1/32:{server.Port}")).With("localhost", "127.0.0.1");

        (await gate.Clients.ForUsers().GetStringAsync($"https://localhost:{server.Port}/", Cancel)).ShouldBe("hello");
        (await Should.ThrowAsync<HttpRequestException>(() => stranger.Clients.ForUsers().GetStringAsync($"https://localhost:{server.Port}/", Cancel)))
            .HttpRequestError.ShouldBe(HttpRequestError.SecureConnectionError);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        var called = new ConcurrentQueue<string>();
        await using var server = await TlsServer.StartAsync(context =>
        {
            called.Enqueue(context.Request.Path);
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });

        (await FailureAsync(server)).Message.ShouldContain("redirects are not followed");
        called.ShouldHaveSingleItem().ShouldBe("/");
    }

    [Fact]
    public async Task What_is_set_may_be_anywhere_and_nothing_else_is_called_by_that_client()
    {
        await using var server = await TlsServer.StartAsync(context => context.Response.WriteAsync("hello"));
        using var authority = new TemporaryFile(server.AuthorityPem);
        await using var gate = new Gate(("Outbound:CaFile", authority.Path)).With("localhost", "127.0.0.1");
        var address = new Uri($"https://localhost:{server.Port}/path");
        var client = gate.Clients.ForSettings(address);

        (await client.GetStringAsync(address, Cancel)).ShouldBe("hello");
        await Should.ThrowAsync<OutboundException>(() => client.GetStringAsync($"https://127.0.0.1:{server.Port}/", Cancel));
        await Should.ThrowAsync<OutboundException>(() => client.GetStringAsync($"http://localhost:{server.Port}/", Cancel));
        // The open connection is not lent to users.
        await Should.ThrowAsync<OutboundRefusedException>(() => gate.Clients.ForUsers().GetStringAsync(address, Cancel));
    }

    [Theory]
    [InlineData(true, HttpCompletionOption.ResponseContentRead)]
    [InlineData(true, HttpCompletionOption.ResponseHeadersRead)]
    [InlineData(false, HttpCompletionOption.ResponseContentRead)]
    [InlineData(false, HttpCompletionOption.ResponseHeadersRead)]
    public async Task A_large_body_is_not_read_to_its_end(bool saysItsLength, HttpCompletionOption completion)
    {
        var chunk = new byte[64 * 1024];
        await using var server = await TlsServer.StartAsync(async context =>
        {
            if (saysItsLength)
                context.Response.ContentLength = 100L * chunk.Length;
            for (var i = 0; i < 100 && !context.RequestAborted.IsCancellationRequested; i++)
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
        });
        using var authority = new TemporaryFile(server.AuthorityPem);
        await using var gate = Open(server, authority);

        var failure = await Should.ThrowAsync<HttpRequestException>(async () =>
        {
            using var response = await gate.Clients.ForUsers().GetAsync($"https://localhost:{server.Port}/", completion, Cancel);
            await using var body = await response.Content.ReadAsStreamAsync(Cancel);
            await body.CopyToAsync(Stream.Null, Cancel);
        });
        OutboundException.Within(failure).ShouldNotBeNull().Message.ShouldContain("1024 KiB");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task An_answer_that_does_not_end_is_given_up(bool sendsHeaders, bool isReadSynchronously)
    {
        var arrived = new TaskCompletionSource();
        var time = new FakeTimeProvider();
        await using var server = await TlsServer.StartAsync(async context =>
        {
            if (sendsHeaders)
                await context.Response.Body.FlushAsync(Cancel);
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        using var authority = new TemporaryFile(server.AuthorityPem);
        using var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = OutboundTrust.SystemAnd(authority.Path) } };
        using var client = new HttpClient(new OutboundHandler(handler, null, OutboundClients.Patience, time));

        var address = $"https://localhost:{server.Port}/";
        var answer = isReadSynchronously ? ReadSynchronouslyAsync(client, address) : client.GetStringAsync(address, Cancel);
        await arrived.Task.WaitAsync(Cancel);
        time.Advance(OutboundClients.Patience);

        (await Should.ThrowAsync<OutboundException>(() => answer.WaitAsync(TimeSpan.FromMinutes(1), Cancel))).Message.ShouldContain("in time");
    }

    [Fact]
    public async Task No_check_of_a_certificate_makes_a_call()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var aia = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/issuer.cer");
        await using var server = await TlsServer.StartAsync(_ => Task.CompletedTask, aia);
        using var authority = new TemporaryFile(server.AuthorityPem);
        await using var gate = Open(server, authority);

        await Should.ThrowAsync<HttpRequestException>(() => gate.Clients.ForUsers().GetAsync($"https://localhost:{server.Port}/", Cancel));
        listener.Pending().ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Traces_tell_neither_what_users_name_nor_any_query_or_header_and_are_not_told_to_the_server(bool isOfUsers)
    {
        var tags = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("System.Net.Http", StringComparison.Ordinal),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                foreach (var tag in activity.TagObjects)
                    tags.Enqueue($"{tag.Key}={tag.Value}");
            },
        };
        ActivitySource.AddActivityListener(listener);
        var seen = new ConcurrentQueue<string>();
        await using var server = await TlsServer.StartAsync(context =>
        {
            foreach (var header in context.Request.Headers)
                seen.Enqueue(header.Key);
            return Task.CompletedTask;
        });
        using var authority = new TemporaryFile(server.AuthorityPem);
        await using var gate = Open(server, authority);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://localhost:{server.Port}/path?secret=CANARY-query");
        request.Headers.Authorization = new("Bearer", "CANARY-header");

        using var answer = await (isOfUsers ? gate.Clients.ForUsers() : gate.Clients.ForSettings(request.RequestUri!)).SendAsync(request, Cancel);

        tags.Any(tag => tag.Contains($"localhost:{server.Port}/path", StringComparison.Ordinal)).ShouldBe(!isOfUsers);
        string.Join('\n', tags).ShouldNotContain("CANARY");
        gate.Log.Text.ShouldNotContain("CANARY");
        seen.ShouldNotContain("traceparent");
    }

    private static async Task ReadSynchronouslyAsync(HttpClient client, string address)
    {
        using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, Cancel);
        await using var body = await response.Content.ReadAsStreamAsync(Cancel);
        var buffer = new byte[1];
        // Not on a thread that others wait for.
        await Task.Factory.StartNew(() => body.Read(buffer, 0, 1), Cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static async Task<OutboundException> FailureAsync(TlsServer server)
    {
        using var authority = new TemporaryFile(server.AuthorityPem);
        await using var gate = Open(server, authority);
        return await Should.ThrowAsync<OutboundException>(() => gate.Clients.ForUsers().GetAsync($"https://localhost:{server.Port}/", Cancel));
    }

    private static Gate Open(TlsServer server, TemporaryFile authority) =>
        new Gate(("Outbound:Allow:0", $"127.0.0.1/32:{server.Port}"), ("Outbound:CaFile", authority.Path)).With("localhost", "127.0.0.1");
}
