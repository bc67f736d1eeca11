using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Features.CloudCredentials;
using Portal.Features.CloudCredentials.Verifiers;
using Portal.Outbound;
using Portal.Sandbox.Clouds;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>The sandbox's clouds, and the product's verifiers before them, wired as in the portal.</summary>
public sealed class CloudVisits : IAsyncLifetime
{
    /// <summary>Leads to 127.0.0.1, and stands in no certificate.</summary>
    public const string LoopbackName = "loopback.test";

    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly CloudTypes _types = new();
    private TemporaryFile _authority = null!;

    public CloudServer Clouds { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Clouds = await CloudServer.StartAsync();
        _authority = new TemporaryFile(Clouds.CaPem);
    }

    public async ValueTask DisposeAsync()
    {
        await Clouds.DisposeAsync();
        _authority.Dispose();
    }

    /// <summary>What the cloud says about its seeded credential, with these fields changed.</summary>
    public Task<CloudVerdict> VerifySeededAsync(string type, params IEnumerable<(string Field, string Value)> changes)
    {
        var values = new Dictionary<string, string>(Clouds.Seed.Values(type));
        foreach (var (field, value) in changes)
            values[field] = value;
        return VerifyAsync(type, values);
    }

    public Task<CloudVerdict> VerifyAsync(string type, IReadOnlyDictionary<string, string> values, params IEnumerable<(string Key, string? Value)> settings) =>
        VerifyAsync(type, values, TestContext.Current.CancellationToken, settings);

    /// <summary>Fails when a sensitive value reaches the verdict or the log.</summary>
    public async Task<CloudVerdict> VerifyAsync(
        string type, IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken, params IEnumerable<(string Key, string? Value)> settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(Clouds.Settings)
            .AddInMemoryCollection([new("Outbound:CaFile", _authority.Path), new("Vault:Address", "https://vault.test:8200")])
            .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)))
            .Build();
        using var log = new LogCapture();
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log))
            .AddSingleton<OutboundResolver>(host => Dns.GetHostAddresses(host == LoopbackName ? "127.0.0.1" : host))
            .AddVault().AddOutbound().AddCloudVerifiers()
            .BuildServiceProvider();
        var verifier = services.GetServices<ICloudVerifier>().Single(verifier => verifier.Type == type);

        var verdict = await verifier.VerifyAsync(values, cancellationToken);

        var told = JsonSerializer.Serialize<object>(verdict, s_json) + log.Text;
        foreach (var line in values.Where(value => _types.Find(type)!.IsSensitive(value.Key)).SelectMany(value => value.Value.Split('\n')).Where(line => line.Length > 20 && !line.StartsWith("---")))
            told.ShouldNotContain(line);
        return verdict;
    }
}

internal static class Verdicts
{
    public static Dictionary<string, string> ShouldBeGood(this CloudVerdict verdict) =>
        verdict.ShouldBeOfType<CloudVerdict.Good>($"{verdict}").Identity.ToDictionary(fact => fact.Name, fact => fact.Value);

    public static CloudVerdict.Bad ShouldBeBad(this CloudVerdict verdict, string words)
    {
        var bad = verdict.ShouldBeOfType<CloudVerdict.Bad>($"{verdict}");
        bad.Message.ShouldContain(words);
        return bad;
    }

    public static void ShouldBeUnreachable(this CloudVerdict verdict, string words) =>
        verdict.ShouldBeOfType<CloudVerdict.Unreachable>($"{verdict}").Message.ShouldContain(words);
}
