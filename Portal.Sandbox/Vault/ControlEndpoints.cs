namespace Portal.Sandbox.Vault;

/// <summary>The control port's API; <see cref="VaultControl"/> is its client.</summary>
internal sealed class ControlEndpoints(IVault vault, ControlHooks hooks, Listener api)
{
    public void Map(WebApplication app)
    {
        app.MapPost("/seal", () => vault.IsSealed = true);
        app.MapPost("/unseal", () => vault.IsSealed = false);
        app.MapPost("/stop", () => api.CloseAsync());
        app.MapPost("/start", () => api.OpenAsync());
        app.MapPost("/slow", (SlowOrder order) => hooks.Slow(TimeSpan.FromMilliseconds(order.Milliseconds), order.Path));
        app.MapPost("/deny", (PathOrder order) => hooks.Deny(order.Path));
        app.MapPost("/forget-tokens", vault.ForgetTokensAsync);
        app.MapPost("/settle", vault.SettleAsync);
        app.MapPost("/hold", (HoldOrder order) => hooks.HoldNext(order.Method, order.Path));
        app.MapPost("/wait-until-held", WaitUntilHeldAsync);
        app.MapPost("/release", () => Decide(isDelivered: true));
        app.MapPost("/drop", () => Decide(isDelivered: false));
        app.MapGet("/requests", () => hooks.Seen);
        app.MapPost("/reset", ResetAsync);
    }

    private async Task<IResult> WaitUntilHeldAsync(CancellationToken cancellationToken)
    {
        if (hooks.CurrentHold is not { } hold)
            return Results.Conflict("nothing is to be held");
        await hold.Held.WaitAsync(cancellationToken);
        return Results.Ok();
    }

    private IResult Decide(bool isDelivered)
    {
        if (hooks.CurrentHold is not { } hold)
            return Results.Conflict("nothing is held");
        hold.Decide(isDelivered);
        return Results.Ok();
    }

    private async Task ResetAsync()
    {
        hooks.Reset();
        vault.IsSealed = false;
        await api.OpenAsync();
    }
}

internal sealed record SlowOrder(double Milliseconds, string? Path);

internal sealed record PathOrder(string? Path);

internal sealed record HoldOrder(string Method, string Path);
