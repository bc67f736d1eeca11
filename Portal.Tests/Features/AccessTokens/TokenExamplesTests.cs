using System.Diagnostics;
using Portal.Features.AccessTokens;

namespace Portal.Tests.Features.AccessTokens;

public sealed class TokenExamplesTests
{
    private const string Text = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2ln-X_8";

    [Fact]
    public void The_line_for_curl_holds_no_token_that_the_shell_would_remember()
    {
        var curl = TokenExamples.Of(Text, "https://portal.example").Single(example => example.Name == "curl").Text;

        curl.ShouldContain("'https://portal.example/api/v1/me'");
        curl.ShouldNotContain(Text);
        curl.ShouldNotContain("\n");
    }

    [Fact]
    public async Task A_shell_reads_the_token_and_hands_it_to_curl_but_not_to_the_list_of_processes()
    {
        using var folder = new TemporaryFolder();
        // Stands in for curl: says what it was started with and what came in.
        await folder.WriteProgramAsync("curl", "#!/bin/bash\necho \"$@\"\ncat\n");

        var said = await RunAsync(TokenExamples.Of(Text, "https://portal.example")[0].Text, Text + "\n", folder.Path);

        said.ShouldBe($"Access token: \n-fsS https://portal.example/api/v1/me -H @-\nAuthorization: Bearer {Text}\n");
    }

    [Fact]
    public async Task The_environment_file_is_read_by_a_shell()
    {
        var env = TokenExamples.Of(Text, "http://[::1]:5080")[1].Text;

        (await RunAsync($"{env}\necho \"$PORTAL_URL $PORTAL_TOKEN\"", "", "")).ShouldBe($"http://[::1]:5080 {Text}\n");
    }

    private static async Task<string> RunAsync(string script, string input, string path)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["PATH"] = $"{path}:{Environment.GetEnvironmentVariable("PATH")}" },
        })!;
        await shell.StandardInput.WriteAsync(input);
        shell.StandardInput.Close();
        return await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("portal-examples-").FullName;

        public async Task WriteProgramAsync(string name, string text)
        {
            var file = System.IO.Path.Combine(Path, name);
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
