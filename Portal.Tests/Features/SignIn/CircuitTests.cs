using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Features.SignIn;
using Portal.Tests.Support;

namespace Portal.Tests.Features.SignIn;

/// <summary>What an open circuit notices of its session's end.</summary>
public class CircuitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_circuit_turns_anonymous_at_once_when_its_session_is_signed_out_here()
    {
        await using var host = await SignInHost.StartAsync();
        await using var alice = await OpenCircuitAsync(host, "alice");
        await using var bob = await OpenCircuitAsync(host, "bob");

        await host.Get<Sessions>().SignOutAsync(alice.Actor);

        (await alice.WhoAsync()).ShouldBeNull();
        (await bob.WhoAsync()).ShouldBe("bob");
    }

    [Fact]
    public async Task A_circuit_notices_within_15_seconds_what_another_process_ended()
    {
        await using var host = await SignInHost.StartAsync();
        await using var alice = await OpenCircuitAsync(host, "alice");
        await host.WriteAsync(db => db.RemoveRange(db.Sessions));
        (await alice.WhoAsync()).ShouldBe("alice");

        host.Time.Advance(SessionAuthenticationState.Interval);

        await Eventually.TrueAsync(async () => await alice.WhoAsync() is null, "the circuit turns anonymous");
    }

    [Fact]
    public async Task A_circuit_that_nobody_uses_ends_with_its_session()
    {
        await using var host = await SignInHost.StartAsync();
        await using var alice = await OpenCircuitAsync(host, "alice");

        host.Time.Advance(TimeSpan.FromMinutes(61));

        await Eventually.TrueAsync(async () => await alice.WhoAsync() is null, "the circuit turns anonymous");
    }

    [Fact]
    public async Task A_circuit_that_opens_after_the_end_is_nobodys()
    {
        await using var host = await SignInHost.StartAsync();
        await using var alice = await OpenCircuitAsync(host, "alice", beforeStart: () => host.WriteAsync(db => db.RemoveRange(db.Sessions)));

        (await alice.WhoAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_circuit_is_given_to_no_other_session()
    {
        await using var host = await SignInHost.StartAsync();
        await using var alice = await OpenCircuitAsync(host, "alice");
        await using var bob = await OpenCircuitAsync(host, "bob");

        // As Blazor does when a browser connects again to its circuit.
        alice.State.SetAuthenticationState(bob.State.GetAuthenticationStateAsync());

        (await alice.WhoAsync()).ShouldBeNull();
        (await bob.WhoAsync()).ShouldBe("bob");
    }

    [Fact]
    public async Task A_closed_circuit_is_forgotten()
    {
        await using var host = await SignInHost.StartAsync();
        var alice = await OpenCircuitAsync(host, "alice");
        await alice.DisposeAsync();

        await host.Get<Sessions>().SignOutAsync(alice.Actor);

        (await alice.WhoAsync()).ShouldBe("alice", "nobody looks any more");
    }

    [Fact]
    public async Task The_portals_circuits_have_this_provider()
    {
        await using var host = await SignInHost.StartAsync();
        await using var scope = host.Get<IServiceScopeFactory>().CreateAsyncScope();

        scope.ServiceProvider.GetRequiredService<AuthenticationStateProvider>().ShouldBeOfType<SessionAuthenticationState>();
    }

    [Theory]
    [InlineData("OnLocationChanged", true, "https://portal.example/databases", null, false)]
    [InlineData("BeginInvokeDotNetFromJS", true, "1", null, "DispatchEventAsync", 1L, "[]")]
    [InlineData("BeginInvokeDotNetFromJS", false, "1", null, "OnResize", 1L, "[]")]
    [InlineData("OnRenderCompleted", false, 7L, null)]
    [InlineData("EndInvokeJSFromDotNet", false, 7L, true, "[]")]
    [InlineData("UpdateRootComponents", false, "[]", "")]
    public void Events_and_navigation_are_use_and_answers_of_the_page_are_not(string method, bool isUse, params object?[] arguments) =>
        SessionUse.IsUse(method, arguments).ShouldBe(isUse);

    private static async Task<OpenCircuit> OpenCircuitAsync(SignInHost host, string login, Func<Task>? beforeStart = null)
    {
        using var browser = host.OpenBrowser();
        await host.SignInAsync(browser, login);
        var session = await host.ReadAsync(db => db.Sessions.Include(session => session.User).SingleAsync(session => session.User.Login == login, Cancel));
        var actor = new Actor(session.UserId, session.Id, login, "");
        var circuit = new OpenCircuit(host.Get<IServiceScopeFactory>().CreateAsyncScope(), actor);
        if (beforeStart is not null)
            await beforeStart();
        await circuit.State.StartAsync();
        return circuit;
    }

    /// <summary>A circuit's scope, with the provider that Blazor would ask.</summary>
    private sealed class OpenCircuit : IAsyncDisposable
    {
        private readonly AsyncServiceScope _scope;

        public OpenCircuit(AsyncServiceScope scope, Actor actor)
        {
            _scope = scope;
            Actor = actor;
            State = (SessionAuthenticationState)scope.ServiceProvider.GetRequiredService<AuthenticationStateProvider>();
            var identity = new ClaimsIdentity(
                [
                    new(ClaimTypes.NameIdentifier, $"{actor.UserId}"), new(ClaimTypes.Name, actor.Login),
                    new(Portal.Features.SignIn.Actor.SessionClaim, $"{actor.SessionId}"), new(Portal.Features.SignIn.Actor.AddressClaim, actor.Address),
                ],
                SignInSchemes.Session);
            State.SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(identity))));
        }

        public Actor Actor { get; }

        public SessionAuthenticationState State { get; }

        public async Task<string?> WhoAsync() => (await State.GetAuthenticationStateAsync()).User.Identity?.Name;

        public ValueTask DisposeAsync() => _scope.DisposeAsync();
    }
}
