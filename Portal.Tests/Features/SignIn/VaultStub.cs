using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Portal.Tests.Features.SignIn;

/// <summary>As much of Vault as signing in uses, at the wire.</summary>
public sealed class VaultStub : IAsyncDisposable
{
    private readonly WebApplication _app;

    private VaultStub(WebApplication app) => _app = app;

    public ConcurrentDictionary<string, JsonNode> Secrets { get; } = [];

    /// <summary>Everything is 503 "sealed".</summary>
    public bool IsSealed { get; set; }

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<VaultStub> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var stub = new VaultStub(app);
        app.Run(stub.AnswerAsync);
        await app.StartAsync();
        return stub;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!["/v1/".Length..];
        var body = context.Request.ContentLength > 0 ? await JsonNode.ParseAsync(context.Request.Body) : null;
        JsonNode? answer = path switch
        {
            _ when IsSealed => null,
            "auth/kubernetes/login" => new JsonObject { ["auth"] = new JsonObject { ["client_token"] = "hvs.stub", ["lease_duration"] = 3600, ["renewable"] = true } },
            _ when path.StartsWith("portal-transit/encrypt/", StringComparison.Ordinal) => Data("ciphertext", "vault:v1:" + body!["plaintext"]),
            _ when path.StartsWith("portal-transit/decrypt/", StringComparison.Ordinal) => Data("plaintext", body!["ciphertext"]!.GetValue<string>()["vault:v1:".Length..]),
            _ => KeyValue(context.Request.Method, path, body),
        };
        context.Response.StatusCode = (answer, IsSealed) switch { (not null, _) => 200, (_, true) => 503, _ => 404 };
        await context.Response.WriteAsJsonAsync(answer ?? new JsonObject { ["errors"] = IsSealed ? new JsonArray("Vault is sealed") : [] }, JsonSerializerOptions.Default);
    }

    private JsonObject? KeyValue(string method, string path, JsonNode? body)
    {
        const string data = "portal-kv/data/", metadata = "portal-kv/metadata/";
        if (path.StartsWith(metadata, StringComparison.Ordinal))
        {
            if (method == "DELETE")
                Secrets.TryRemove(path[metadata.Length..], out _);
            return new JsonObject();
        }

        if (method != "GET")
            Secrets[path[data.Length..]] = body!["data"]!.DeepClone();
        return Secrets.TryGetValue(path[data.Length..], out var secret)
            ? new JsonObject { ["data"] = new JsonObject { ["data"] = secret.DeepClone(), ["metadata"] = new JsonObject { ["version"] = 1 } } }
            : null;
    }

    private static JsonObject Data(string field, string value) => new() { ["data"] = new JsonObject { [field] = value } };
}
