using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Portal.Tests.Support;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>Values of every sensitive field of every type, looked for wherever they must not be.</summary>
public sealed class CloudSecretsTests(SandboxFixture fixture) : CloudTests(fixture)
{
    // What is shorter stands everywhere by chance.
    private const int ShortestCanary = 8;

    [Fact]
    public async Task No_value_is_in_a_log_a_trace_the_database_or_an_answer_but_a_reveals()
    {
        var traces = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => traces.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(happened => happened.Tags))}"),
        };
        ActivitySource.AddActivityListener(listener);
        var answers = new StringBuilder();
        var observer = new Answers(answers);
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var signedIn = await ApiClient.SignInAsync(portal, "alice");
        using var alice = new ApiClient(portal.Address, signedIn.Token, observer);
        foreach (var type in CloudSamples.Types)
        {
            var name = Name();
            // Asked, refused by the clouds, and kept all the same.
            await RegisterAsync(alice, name, CloudSamples.Of(type), type, verify: true);
            await RegisterAsync(alice, name, CloudSamples.Of(type), type);
            await VerifyAsync(alice, name);
            var seen = await GetAsync(alice, name);
            foreach (var field in CloudSamples.Of(type).Keys)
                await RevealAsync(alice, name, field);
            // Wrong in every way there is.
            await RegisterAsync(alice, Name(), CloudSamples.With(type, ("no-such-field!", "x")), type);
            await RegisterAsync(alice, Name(), CloudSamples.Of(type).ToDictionary(value => value.Key, value => value.Value + "\0"), type);
            await RegisterAsync(alice, Name(), CloudSamples.Of(type).ToDictionary(value => value.Key, value => $"{value.Value} x {value.Value}"), type, file: CloudSamples.Of(type).Values.First());
            await ChangeAsync(alice, name, "\"stale\"", new { values = CloudSamples.Of(type) });
            await ChangeAsync(alice, name, ETag(seen), new { values = CloudSamples.Of(type), tags = new[] { "x" } });
            await GetAsync(alice, name, "/versions");
            await Sandbox.Vault.Control.DenyAsync($"*/{name}", Cancel);
            await ChangeAsync(alice, name, ETag(seen), new { values = CloudSamples.Of(type) });
            await Sandbox.Vault.Control.DenyAsync(null, Cancel);
        }

        await alice.GetAsync($"/teams/{Team}/cloud-credentials?limit=200");
        var database = await ReadDatabaseAsync(portal);
        var canaries = CloudSamples.Sensitive.Select(sensitive => (sensitive.Type, sensitive.Field, Value: CloudSamples.Of(sensitive.Type)[sensitive.Field])).Where(canary => canary.Value.Length >= ShortestCanary);
        foreach (var (type, field, value) in canaries)
        {
            foreach (var part in PartsOf(value))
            {
                portal.Log.Text.Contains(part, StringComparison.Ordinal).ShouldBeFalse($"the log holds {type} {field}");
                traces.Any(trace => trace.Contains(part, StringComparison.Ordinal)).ShouldBeFalse($"a trace holds {type} {field}");
                answers.ToString().Contains(part, StringComparison.Ordinal).ShouldBeFalse($"an answer holds {type} {field}");
                database.AsSpan().IndexOf(Encoding.UTF8.GetBytes(part)).ShouldBe(-1, $"the database holds {type} {field}");
            }
        }

        observer.Reveals.ShouldBe(CloudSamples.Types.Sum(type => CloudSamples.Of(type).Count));
    }

    // Of keys of several lines each line by itself, since JSON and YAML break them in their own ways; the first ones are the same in all keys.
    private static IEnumerable<string> PartsOf(string value) => value.Split('\n', '\r').Select(line => line.Trim())
        .Where(line => line.Length >= ShortestCanary && !line.StartsWith("-----", StringComparison.Ordinal) && !IsPlain(line))
        .SelectMany(line => new[] { line, JsonEncodedText.Encode(line).ToString() }).Distinct();

    // What a kubeconfig has beside its secrets.
    private static bool IsPlain(string line) => line.Contains(": ", StringComparison.Ordinal) && !line.Contains("token: ", StringComparison.Ordinal) && !line.Contains("key-data: ", StringComparison.Ordinal)
        || line.EndsWith(':');

    private static async Task<byte[]> ReadDatabaseAsync(TestPortal portal)
    {
        // Also what waits beside the file.
        using var memory = new MemoryStream();
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(portal.DatabaseFile)!, "portal.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await stream.CopyToAsync(memory, Cancel);
        }

        return memory.ToArray();
    }

    private sealed class Answers(StringBuilder answers) : DelegatingHandler
    {
        public int Reveals { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (request.RequestUri!.AbsolutePath.EndsWith("/reveal", StringComparison.Ordinal) && response.IsSuccessStatusCode)
                Reveals++;
            else
                answers.AppendLine(response.Headers.ToString()).AppendLine(await response.Content.ReadAsStringAsync(cancellationToken));
            return response;
        }
    }
}
