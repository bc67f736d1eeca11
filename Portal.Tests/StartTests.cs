using Portal.Tests.Support;

namespace Portal.Tests;

public sealed class StartTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    [Fact]
    public async Task Wrong_settings_stop_the_start_with_every_mistake_and_its_key()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Portal:PublicUrl"] = "ftp://portal.example.com/path",
            ["Vault:Address"] = "",
            ["Vault:Timeout"] = "-00:00:01",
            ["SignIn:GitHub:ClientId"] = "",
            ["Databases:PendingTimeout"] = "00:00:10",
            ["Database:ConnectionString"] = "",
        };

        var failure = await Should.ThrowAsync<InvalidOperationException>(() => Sandbox.Program.RunAsync(settings, [], Cancel));

        foreach (var key in new[] { "Portal:PublicUrl", "Vault:Address", "Vault:Timeout", "SignIn:GitHub:ClientId", "Databases:PendingTimeout", "Database:ConnectionString" })
            failure.Message.ShouldContain(key);
        failure.Message.ShouldNotContain("   at ", customMessage: "a stack trace helps nobody here");
    }

    [Fact]
    public async Task An_unknown_command_is_named_with_the_known_ones() =>
        (await Should.ThrowAsync<InvalidOperationException>(() => Sandbox.Program.RunAsync(new Dictionary<string, string?>(), ["setup-valt"], Cancel)))
            .Message.ShouldContain("setup-vault, apply and rebuild-index");
}
