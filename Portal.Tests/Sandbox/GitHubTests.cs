using Microsoft.Extensions.Time.Testing;
using Portal.Sandbox.GitHub;

namespace Portal.Tests.Sandbox;

/// <summary>A GitHub of its own for each test, with a clock that stands still.</summary>
public abstract class GitHubTests : IAsyncLifetime
{
    private GitHubServer? _server;
    private GitHubVisitor? _visitor;

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    protected GitHubServer Server => _server!;

    protected GitHubState State => Server.State;

    internal GitHubVisitor Visitor => _visitor!;

    public async ValueTask InitializeAsync()
    {
        _server = await GitHubServer.StartAsync(new GitHubServerOptions { TimeProvider = Clock });
        _visitor = new GitHubVisitor(_server);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _visitor?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
