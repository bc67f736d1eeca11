using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Vault;

public sealed record SeenRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string? Token => Headers.GetValueOrDefault("X-Vault-Token");

    public JsonNode Json => JsonNode.Parse(Body)!;
}

/// <summary>
/// The product's Vault client, wired as in the portal, before a handler that plays Vault. Logs in as <c>s.1</c>, <c>s.2</c>, … for
/// 20 minutes each; other answers come from <see cref="Answer"/>.
/// </summary>
public sealed class VaultDouble : IAsyncDisposable
{
    private readonly ConcurrentQueue<SeenRequest> _requests = new();
    private readonly ServiceProvider _services;
    private int _tokens;

    public VaultDouble(params IEnumerable<(string Key, string Value)> settings)
    {
        Answer = request => Default(request);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Vault:Address", "http://vault.test:8200"),
            new("Vault:TokenFile", TokenFile.Path),
            .. settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)),
        ]).Build();
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton<TimeProvider>(Time)
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log))
            .AddVault();
        services.AddHttpClient("vault").ConfigurePrimaryHttpMessageHandler(() => new Handler(this));
        _services = services.BuildServiceProvider();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));

    public LogCapture Log { get; } = new();

    public TemporaryFile TokenFile { get; } = new("jwt-one\n");

    /// <summary>Plays Vault. Null = the double's own answer.</summary>
    public Func<SeenRequest, Task<HttpResponseMessage>> Answer { get; set; }

    public IReadOnlyList<SeenRequest> Requests => [.. _requests];

    public IReadOnlyList<SeenRequest> Logins => [.. _requests.Where(request => request.Path.EndsWith("/login", StringComparison.Ordinal))];

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static HttpResponseMessage Json(HttpStatusCode status, string json) =>
        new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    public static HttpResponseMessage Errors(HttpStatusCode status, params string[] errors) =>
        Json(status, new JsonObject { ["errors"] = new JsonArray([.. errors.Select(error => (JsonNode)error)]) }.ToJsonString());

    public static HttpResponseMessage Auth(string token, int seconds, bool renewable = true) => Json(
        HttpStatusCode.OK,
        $$"""{"auth":{"client_token":"{{token}}","accessor":"a","lease_duration":{{seconds}},"renewable":{{(renewable ? "true" : "false")}},"new":{} } }""");

    /// <summary>Logs in, renews for 20 minutes, and answers everything else with empty data.</summary>
    public Task<HttpResponseMessage> Default(SeenRequest request) => Task.FromResult(request.Path switch
    {
        "auth/kubernetes/login" => Auth($"s.{Interlocked.Increment(ref _tokens)}", 1200),
        "auth/token/renew-self" => Auth(request.Token!, 1200),
        _ => Json(HttpStatusCode.OK, """{"data":{}}"""),
    });

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        TokenFile.Dispose();
    }

    private sealed class Handler(VaultDouble vault) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            var headers = request.Headers.ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
            var seen = new SeenRequest(request.Method.Method, request.RequestUri!.PathAndQuery["/v1/".Length..], headers, body);
            vault._requests.Enqueue(seen);
            return await vault.Answer(seen).WaitAsync(cancellationToken);
        }
    }
}
