using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

public sealed class VaultMemoryTests : VaultControlTests
{
    protected override Task<VaultServer> StartAsync(VaultServer memory) => Task.FromResult(memory);
}
