using System.Net;
using Portal.Sandbox.Servers;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

/// <summary>Base of tests with a host. Each has keys of its own, made by the real tool.</summary>
public abstract class HostTests(SandboxFixture fixture) : SshTests(fixture)
{
    /// <summary>Asks for a certificate for a new key and lays it where the client looks for it.</summary>
    /// <returns>The private key's file, and what the portal answered.</returns>
    protected async Task<(string Key, Answer Issued)> GetCertificateAsync(ApiClient client, string name = "id", string role = "oncall")
    {
        var issued = await IssueAsync(client, Keygen.Generate(name, "-t", "ed25519"), role: role);
        issued.Status.ShouldBe(HttpStatusCode.Created, issued.Text);
        await File.WriteAllTextAsync(Keygen.Path($"{name}-cert.pub"), Certificate(issued), Cancel);
        return (Keygen.Path(name), issued);
    }

    /// <summary>A revocation list of one key, as the real tool writes it.</summary>
    protected async Task<byte[]> MakeListAsync(ulong version, string key)
    {
        await File.WriteAllTextAsync(Keygen.Path("listed"), key, Cancel);
        Keygen.Run("-q", "-k", "-f", Keygen.Path("made.krl"), "-z", $"{version}", Keygen.Path("listed"));
        return await File.ReadAllBytesAsync(Keygen.Path("made.krl"), Cancel);
    }

    protected static async Task UpdateAsync(SshHost host)
    {
        var update = await host.Server.UpdateAsync();
        update.ExitCode.ShouldBe(0, update.Said);
    }

    protected static void ShouldFail(Command command, string because)
    {
        command.ExitCode.ShouldNotBe(0, command.Said);
        command.Said.ShouldContain(because);
    }
}
