using System.Text;
using Portal.Tests.Support;

namespace Portal.Tests.Journeys;

/// <summary>Promise one: nothing secret rests in the portal. Looks for true secrets byte by byte.</summary>
public sealed class SecretsAtRestTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    private readonly SandboxFixture _fixture = fixture;

    [Fact]
    public async Task After_a_journey_no_file_of_the_portal_holds_a_secret()
    {
        await using var portal = await _fixture.StartPortalAsync(settings => settings["Logging:LogLevel:Default"] = "Trace");
        using var alice = await Person.SignInAsync(portal.Address, "alice");
        var issued = await alice.IssueAsync();
        var billing = await alice.IssueAsync("billing-readonly");
        await alice.GetAsync("/databases");
        await Sandbox.Vault.Control.SealAsync(Cancel);
        await alice.IssueAsync();
        await Sandbox.Vault.Control.UnsealAsync(Cancel);
        var secrets = new Dictionary<string, string>
        {
            ["the password"] = issued.Password,
            ["a Vault token"] = "hvs.",
            ["a Vault token of old"] = "\"s.",
            ["a GitHub token"] = "gho_",
            ["Vault's root token"] = Sandbox.Vault.RootToken,
            ["the service account's token"] = (await File.ReadAllTextAsync(Sandbox.Folder.ServiceAccountToken, Cancel)).Trim(),
            ["GitHub's client secret"] = (await File.ReadAllTextAsync(Sandbox.Folder.GitHubClientSecret, Cancel)).Trim(),
            ["the password for MariaDB"] = billing.Password,
            ["PostgreSQL's administrator's password"] = Sandbox.Postgres.VaultPassword,
            ["MariaDB's administrator's password"] = Sandbox.MariaDb.VaultPassword,
            ["a session cookie"] = alice.SessionCookie,
        };

        // Of the sandbox's own folder all but what it hands over on purpose, which is for its owner alone (see below), and its empty lock.
        string[] handedOver = [Sandbox.Folder.ServiceAccountToken, Sandbox.Folder.ReviewerToken, Sandbox.Folder.GitHubClientSecret, Sandbox.Folder.Kubeconfig, Sandbox.Folder.Handover];
        string[] files = [.. Directory.GetFiles(portal.Folder, "*", SearchOption.AllDirectories), .. Directory.GetFiles(Sandbox.Folder.Path).Except(handedOver).Where(file => Path.GetFileName(file) != "lock")];
        files.Select(Path.GetFileName).ShouldContain("portal.log");
        files.Select(Path.GetFileName).ShouldContain("portal.db");
        foreach (var file in files)
        {
            var bytes = await ReadAsync(file);
            foreach (var (what, secret) in secrets)
                bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)).ShouldBe(-1, $"{file} holds {what}");
        }
    }

    [Fact]
    public void What_the_sandbox_hands_over_is_for_its_owner_alone()
    {
        // Servers' own folders belong to their own users.
        var files = Directory.GetFiles(Sandbox.Folder.Path).Where(file => !file.EndsWith(".log", StringComparison.Ordinal) && !file.Contains(".db", StringComparison.Ordinal));
        files.ShouldNotBeEmpty();
        foreach (var file in files)
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
    }

    private static async Task<byte[]> ReadAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var memory = new MemoryStream();
        await stream.CopyToAsync(memory, Cancel);
        return memory.ToArray();
    }
}
