using Portal.Vault;

namespace Portal.Tests.Support;

/// <summary>Tests that share the run's one sandbox go one after another: some seal its Vault or stop its database.</summary>
[CollectionDefinition(Name)]
public sealed class SandboxRun
{
    public const string Name = "sandbox";
}

/// <summary>Base of tests against the run's sandbox. Whatever a test did to Vault and the database servers is undone after it.</summary>
[Collection(SandboxRun.Name)]
public abstract class SandboxTests(SandboxFixture fixture) : IAsyncLifetime
{
    protected Portal.Sandbox.Sandbox Sandbox { get; private set; } = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync() => Sandbox = await fixture.GetAsync();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        // A whole run asks more of GitHub than anybody may in an hour.
        Sandbox.GitHub.ForgetCalls();
        await Sandbox.Vault.Control.ResetAsync(CancellationToken.None);
        await Sandbox.Postgres.StartAgainAsync();
        await Sandbox.MariaDb.StartAgainAsync();
    }

    /// <summary>Vault as its operator sees it.</summary>
    protected VaultAdmin Operator(TestPortal portal) => portal.Get<VaultAdmin>().WithToken(Sandbox.Vault.RootToken);
}
