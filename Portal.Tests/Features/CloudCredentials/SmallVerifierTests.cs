using Portal.Sandbox.Clouds;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>The clouds that answer in one call.</summary>
public sealed class SmallVerifierTests(CloudVisits visits) : IClassFixture<CloudVisits>, IDisposable
{
    public void Dispose()
    {
        visits.Clouds.Control("digitalocean").Clear();
        visits.Clouds.Control("cloudflare").Clear();
    }

    [Fact]
    public async Task A_good_token_of_DigitalOcean()
    {
        var facts = (await visits.VerifySeededAsync("digitalocean")).ShouldBeGood();
        facts["Account"].ShouldBe("ops@acme.example");
        facts["Team"].ShouldBe("Acme");
    }

    [Fact]
    public async Task A_bad_token_of_DigitalOcean() =>
        (await visits.VerifySeededAsync("digitalocean", ("DO_TOKEN", "dop_v1_0000000000000000000000000000000000000000"))).ShouldBeBad("does not know the token");

    [Fact]
    public async Task A_token_of_DigitalOcean_without_the_scope()
    {
        visits.Clouds.Control("digitalocean").Remove(CloudControl.Access);
        (await visits.VerifySeededAsync("digitalocean")).ShouldBeBad("may not look").Missing.ShouldBe(["The scope account:read"]);
    }

    [Fact]
    public async Task A_locked_account_of_DigitalOcean()
    {
        visits.Clouds.Control("digitalocean").Trouble = new CloudTrouble.Garbage("""{"account":{"uuid":"u","email":"a@b.example","status":"locked"}}""");
        (await visits.VerifySeededAsync("digitalocean")).ShouldBeBad("locked").Identity.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_good_key_of_Cloudflare()
    {
        var facts = (await visits.VerifySeededAsync("cloudflare")).ShouldBeGood();
        facts["User"].ShouldBe("ops@acme.example");
        facts.ShouldContainKey("User id");
    }

    [Theory]
    [InlineData("CF_API_KEY", "0000000000000000000000000000000000000")]
    [InlineData("CF_API_KEY", "of another length than keys have")]
    [InlineData("CF_API_EMAIL", "eve@acme.example")]
    public async Task A_bad_key_of_Cloudflare(string field, string value) =>
        (await visits.VerifySeededAsync("cloudflare", (field, value.Replace(' ', '-')))).ShouldBeBad("does not know that key");

    [Fact]
    public async Task A_good_token_of_Vault_and_one_that_it_does_not_know()
    {
        await using var vault = await VaultServer.StartAsync(new VaultServerOptions());
        var address = vault.Access.Address.GetLeftPart(UriPartial.Authority);
        var token = new Dictionary<string, string> { ["token"] = vault.Access.RootToken };

        // Its address comes from settings alone, be it the portal's own Vault or another.
        (await visits.VerifyAsync("vault", token, ("Vault:Address", address))).ShouldBeGood()["Policies"].ShouldBe("root");
        (await visits.VerifyAsync("vault", token, ("CloudCredentials:Endpoints:Vault", address))).ShouldBeGood()["Display name"].ShouldBe("root");
        (await visits.VerifyAsync("vault", new Dictionary<string, string> { ["token"] = "hvs.of-another-vault-altogether" }, ("Vault:Address", address)))
            .ShouldBeBad("does not know the token");
    }

    [Fact]
    public async Task A_sealed_Vault_knows_nothing()
    {
        await using var vault = await VaultServer.StartAsync(new VaultServerOptions());
        await vault.Access.Control.SealAsync(TestContext.Current.CancellationToken);

        (await visits.VerifyAsync("vault", new Dictionary<string, string> { ["token"] = vault.Access.RootToken }, ("Vault:Address", vault.Access.Address.AbsoluteUri)))
            .ShouldBeUnreachable("503");
    }
}
