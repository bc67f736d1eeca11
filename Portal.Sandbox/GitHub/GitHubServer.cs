using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Portal.Sandbox.GitHub;

/// <summary>
/// The part of a GitHub Enterprise Server that concerns signing in: OAuth at <c>/login/oauth/</c>, REST at <c>/api/v3/</c>, on loopback, in memory.
/// </summary>
public sealed class GitHubServer : IAsyncDisposable
{
    private readonly GitHubServerOptions _options;
    private readonly GitHubTokens _tokens;
    private readonly RateLimits _limits;
    private WebApplication? _app;
    private WebApplication? _control;

    private GitHubServer(GitHubServerOptions options)
    {
        _options = options;
        _tokens = new GitHubTokens(options.TimeProvider);
        _limits = new RateLimits(options.TimeProvider);
        State = new GitHubState(_tokens);
        GitHubSeed.Plant(State);
    }

    /// <summary><c>http://127.0.0.1:port</c>, the same after <see cref="StartAgainAsync"/>.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Where <see cref="GitHubControl"/> speaks to; null when no control port was asked for.</summary>
    public Uri? ControlAddress { get; private set; }

    public GitHubState State { get; }

    public static async Task<GitHubServer> StartAsync(GitHubServerOptions? options = null)
    {
        var server = new GitHubServer(options ?? new());
        await server.ListenAsync(server._options.Port);
        if (server._options.ControlPort is { } port)
        {
            server._control = NewApp(port);
            new ControlEndpoints(server).Map(server._control);
            server.ControlAddress = await StartAsync(server._control);
        }
        return server;
    }

    /// <summary>Starts everybody's hour of calls anew.</summary>
    public void ForgetCalls() => _limits.Forget();

    /// <summary>Refuses connections and cuts those that are open; what it knows stays.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is not { } app)
            return;
        using (var atOnce = new CancellationTokenSource())
        {
            await atOnce.CancelAsync();
            await app.StopAsync(atOnce.Token);
        }
        await app.DisposeAsync();
    }

    public Task StartAgainAsync() => _app is null ? ListenAsync(Address.Port) : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_control is not null)
            await _control.DisposeAsync();
        await StopAsync();
    }

    private static async Task<Uri> StartAsync(WebApplication app)
    {
        await app.StartAsync();
        return new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    private static WebApplication NewApp(int port)
    {
        // An empty builder: neither settings nor environment of the process that hosts it reach this server.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.Services.AddRazorComponents();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        return builder.Build();
    }

    private async Task ListenAsync(int port)
    {
        var app = NewApp(port);
        Map(app);
        Address = await StartAsync(app);
        _app = app;
    }

    private void Map(WebApplication app)
    {
        app.UseMiddleware<Weather>(State.Troubles, _options.TimeProvider);
        new AuthorizeEndpoints(_options, State, _tokens).Map(app);
        new TokenEndpoint(_options, State, _tokens).Map(app);
        new SingleSignOnEndpoints(State).Map(app);
        var users = new UserEndpoints(State);
        users.MapPages(app);

        var api = app.MapGroup("/api/v3").AddEndpointFilter(new ApiGate(State, _tokens, _limits));
        users.Map(api);
        new OrganizationEndpoints(State).Map(api);
        new ApplicationEndpoints(_options, State, _tokens).Map(api);
        api.MapGet("/meta", () => Results.Json(new { verifiable_password_authentication = false, installed_version = "3.16.0" }));
        api.MapFallback(ApiError.NotFound);
    }
}
