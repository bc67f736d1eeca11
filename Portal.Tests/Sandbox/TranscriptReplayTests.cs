using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Xunit.Sdk;

namespace Portal.Tests.Sandbox;

/// <summary>The comparison that <c>Transcripts/README.md</c> defines, against answers that are right and answers that are not.</summary>
public sealed class TranscriptReplayTests
{
    private static readonly Dictionary<string, string> s_environment = new() { ["root_token"] = "root", ["addr"] = "10.0.0.1:5432" };

    [Theory]
    [InlineData("""{"a": 1}""", """{"a": 1, "more": 2}""")]
    [InlineData("""{"a": {"b": [{}, null]}}""", """{"a": {"b": [{"more": 1}, null], "more": 2}}""")]
    [InlineData("""{"a": "{{uuid}}"}""", """{"a": "0b0cbbea-5a6d-4a2e-8f55-000000000001"}""")]
    [InlineData("""{"a": "{{token}}"}""", """{"a": "hvs.xyz"}""")]
    [InlineData("""{"a": "{{time}}"}""", """{"a": "2026-11-24T14:00:00.123Z"}""")]
    [InlineData("""{"a": "{{int}}"}""", """{"a": 5}""")]
    [InlineData("""{"a": "vault:v1:{{string}}"}""", """{"a": "vault:v1:two\nlines"}""")]
    [InlineData("""{"a": "at ${env.addr}"}""", """{"a": "at 10.0.0.1:5432"}""")]
    [InlineData("""{"errors": ["at ${env.addr}: pq: no such role"]}""", """{"errors": ["at 10.0.0.1:5432: pq: role is missing"]}""")]
    [InlineData("""{"errors": ["Error 1045: denied"]}""", """{"errors": ["Error 1045: Access denied"]}""")]
    [InlineData("""{"warnings": ["one"]}""", """{"warnings": ["other", "more"]}""")]
    [InlineData("""{"warnings": null}""", """{"warnings": ["newer servers warn more"]}""")]
    public async Task It_takes_an_answer_that_agrees(string wanted, string got) => await ReplayAsync(Step(wanted), (200, got, "application/json"));

    [Theory]
    [InlineData("""{"a": 1}""", """{"a": 2}""", "$.a: wanted 1, got 2")]
    [InlineData("""{"a": 1}""", """{"a": "1"}""", "$.a: wanted 1, got \"1\"")]
    [InlineData("""{"a": "1"}""", """{"a": 1}""", "$.a: wanted \"1\", got 1")]
    [InlineData("""{"a": true}""", """{"a": false}""", "$.a: wanted true, got false")]
    [InlineData("""{"a": "text"}""", """{"a": "Text"}""", "$.a: wanted \"text\", got \"Text\"")]
    [InlineData("""{"a": "a.c"}""", """{"a": "abc"}""", "$.a: wanted \"a.c\", got \"abc\"")]
    [InlineData("""{"a": "text"}""", """{"a": "text\n"}""", "$.a: wanted \"text\", got \"text\\n\"")]
    [InlineData("""{"a": 1}""", "{}", "$.a: wanted 1, got nothing")]
    [InlineData("""{"a": null}""", "{}", "$.a: wanted null, got nothing")]
    [InlineData("""{"a": null}""", """{"a": ""}""", "$.a: wanted null, got \"\"")]
    [InlineData("""{"a": ""}""", """{"a": null}""", "$.a: wanted \"\", got null")]
    [InlineData("""{"a": {}}""", """{"a": []}""", "$.a: wanted {}, got []")]
    [InlineData("""{"a": {"b": 1}}""", """{"a": null}""", "$.a: wanted {\"b\":1}, got null")]
    [InlineData("""{"a": {"b": ["x", "y"]}}""", """{"a": {"b": ["x", "z"]}}""", "$.a.b[1]: wanted \"y\", got \"z\"")]
    [InlineData("""{"a": ["x"]}""", """{"a": ["x", "y"]}""", "$.a: wanted [\"x\"], got [\"x\",\"y\"]")]
    [InlineData("""{"a": "{{uuid}}"}""", """{"a": "none"}""", "$.a: wanted \"{{uuid}}\", got \"none\"")]
    [InlineData("""{"a": "{{token}}"}""", """{"a": ""}""", "$.a: wanted \"{{token}}\", got \"\"")]
    [InlineData("""{"a": "{{time}}"}""", """{"a": 1732456789}""", "$.a: wanted \"{{time}}\", got 1732456789")]
    [InlineData("""{"a": "{{time}}"}""", """{"a": "yesterday"}""", "$.a: wanted \"{{time}}\", got \"yesterday\"")]
    [InlineData("""{"a": "{{int}}"}""", """{"a": "5"}""", "$.a: wanted \"{{int}}\", got \"5\"")]
    [InlineData("""{"a": "{{int}}"}""", """{"a": 1.5}""", "$.a: wanted \"{{int}}\", got 1.5")]
    [InlineData("""{"a": "{{string}}"}""", """{"a": ""}""", "$.a: wanted \"{{string}}\", got \"\"")]
    [InlineData("""{"a": "vault:v1:{{string}}"}""", """{"a": "vault:v2:x"}""", "$.a: wanted \"vault:v1:{{string}}\", got \"vault:v2:x\"")]
    [InlineData("""{"a": "at ${env.addr}"}""", """{"a": "at home"}""", "$.a: wanted \"at ${env.addr}\", got \"at home\"")]
    [InlineData("""{"errors": ["query: pq: this"]}""", """{"errors": ["pq: this"]}""", "$.errors[0]: wanted \"query: pq: this\", got \"pq: this\"")]
    [InlineData("""{"errors": ["Error 1045: this"]}""", """{"errors": ["Error 1064: this"]}""", "$.errors[0]: wanted \"Error 1045: this\", got \"Error 1064: this\"")]
    [InlineData("""{"errors": ["this"]}""", """{"errors": ["this", "that"]}""", "$.errors: wanted [\"this\"], got [\"this\",\"that\"]")]
    [InlineData("""{"warnings": ["this"]}""", """{"warnings": null}""", "$.warnings: wanted [\"this\"], got null")]
    [InlineData("""{"warnings": null}""", "{}", "$.warnings: wanted null, got nothing")]
    [InlineData("""{"data": {"warnings": null}}""", """{"data": {"warnings": ["x"]}}""", "$.data.warnings: wanted null, got [\"x\"]")]
    [InlineData("""{"a": 1}""", "", "$: wanted {\"a\":1}, got , which is no JSON")]
    [InlineData("""{"a": 1}""", "<html>", "$: wanted {\"a\":1}, got <html>, which is no JSON")]
    public async Task It_names_scenario_step_and_path_of_what_differs(string wanted, string got, string difference) =>
        (await FailureAsync(Step(wanted), (200, got, "application/json"))).ShouldBe($"made-up, step \"ask\": {difference}");

    [Fact]
    public async Task It_names_every_difference_of_a_step() =>
        (await FailureAsync(Step("""{"a": 1, "b": {"c": 2}, "d": 3}"""), (200, """{"a": 9, "b": {"c": 9}, "d": 3}""", "application/json")))
            .ShouldBe("made-up, step \"ask\": $.a: wanted 1, got 9\nmade-up, step \"ask\": $.b.c: wanted 2, got 9");

    [Fact]
    public async Task The_status_counts_exactly() =>
        (await FailureAsync(Step("""{"a": 1}"""), (201, """{"a": 1}""", "application/json"))).ShouldBe("made-up, step \"ask\": status: wanted 200, got 201 {\"a\": 1}");

    [Fact]
    public async Task Where_no_body_is_recorded_none_may_come()
    {
        var step = Step(null) with { Response = new TranscriptResponse(204, null, null, null) };
        await ReplayAsync(step, (204, "", null));
        (await FailureAsync(step, (204, "{}", "application/json"))).ShouldBe("made-up, step \"ask\": $: wanted nothing, got {}");
    }

    [Fact]
    public async Task Text_counts_with_its_type()
    {
        var step = Step(null) with { Response = new TranscriptResponse(200, null, "ssh-rsa {{string}}", "text/plain") };
        await ReplayAsync(step, (200, "ssh-rsa AAAA", "text/plain"));
        (await FailureAsync(step, (200, "ssh-rsa AAAA", "application/json"))).ShouldStartWith("made-up, step \"ask\": $: wanted text/plain ");
        (await FailureAsync(step, (200, "ssh-dss AAAA", "text/plain"))).ShouldStartWith("made-up, step \"ask\": $: wanted text/plain ");
    }

    [Fact]
    public async Task What_a_step_captures_the_next_one_says()
    {
        var first = Step("""{"data": {"id": "{{string}}"}}""") with { Capture = new() { ["id"] = "data.id" } };
        var second = new TranscriptStep(
            "again",
            new TranscriptRequest("PUT", "things/${id}", "${env.root_token}", new() { ["X-About"] = "${id}" }, JsonNode.Parse("""{"ids": ["${id}"], "n": 1}"""), null, 30),
            new TranscriptResponse(200, JsonNode.Parse("""{"id": "${id}"}"""), null, null),
            null);
        var server = new Answers((200, """{"data": {"id": "seven"}}""", "application/json"), (200, """{"id": "seven"}""", "application/json"));
        var waited = TimeSpan.Zero;
        await ReplayAsync(server, span => waited += span, first, second);

        server.Requests.ShouldBe(["GET http://vault/v1/things - - ", "PUT http://vault/v1/things/seven root seven {\"ids\":[\"seven\"],\"n\":1}"]);
        waited.ShouldBe(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task What_is_not_there_to_capture_is_told() =>
        (await FailureAsync(Step("""{"data": null}""") with { Capture = new() { ["id"] = "data.id" } }, (200, """{"data": null}""", "application/json")))
            .ShouldBe("made-up, step \"ask\": $.data.id: wanted text to capture, got nothing");

    [Fact]
    public async Task It_stops_at_the_first_step_that_differs()
    {
        var server = new Answers((200, """{"a": 2}""", "application/json"), (200, """{"a": 1}""", "application/json"));
        await Should.ThrowAsync<FailException>(() => ReplayAsync(server, _ => { }, Step("""{"a": 1}"""), Step("""{"a": 1}""")));
        server.Requests.Count.ShouldBe(1);
    }

    private static TranscriptStep Step(string? body) => new(
        "ask", new TranscriptRequest("GET", "things", null, null, null, null, null), new TranscriptResponse(200, body is null ? null : JsonNode.Parse(body), null, null), null);

    private static Task ReplayAsync(TranscriptStep step, (int, string, string?) answer) => ReplayAsync(new Answers(answer), _ => { }, step);

    private static async Task<string> FailureAsync(TranscriptStep step, (int, string, string?) answer) =>
        (await Should.ThrowAsync<FailException>(() => ReplayAsync(step, answer))).Message;

    private static async Task ReplayAsync(Answers server, Action<TimeSpan> wait, params TranscriptStep[] steps)
    {
        using var http = new HttpClient(server) { BaseAddress = new Uri("http://vault/") };
        var replay = new TranscriptReplay(http, s_environment, span =>
        {
            wait(span);
            return Task.CompletedTask;
        });
        await replay.RunAsync(new Transcript("made-up", steps));
    }

    /// <summary>Gives one answer after another and keeps what was asked.</summary>
    private sealed class Answers(params (int Status, string Body, string? Type)[] answers) : HttpMessageHandler
    {
        public List<string> Requests { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string Header(string name) => request.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : "-";
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            var (status, text, type) = answers[Requests.Count];
            Requests.Add($"{request.Method} {request.RequestUri} {Header("X-Vault-Token")} {Header("X-About")} {body}");
            return new HttpResponseMessage((HttpStatusCode)status) { Content = type is null ? new ByteArrayContent([]) : new StringContent(text, Encoding.UTF8, type) };
        }
    }
}
