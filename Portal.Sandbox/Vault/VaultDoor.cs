using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;

namespace Portal.Sandbox.Vault;

/// <summary>
/// The way to a Vault that runs elsewhere: passes requests and answers on as they are, or answers as that Vault would if it were sealed.
/// </summary>
internal sealed class VaultDoor(VaultAccess vault) : IVault
{
    // These belong to one connection, or are made anew for the next.
    private static readonly HashSet<string> s_hopByHop = new(
        ["Host", "Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Upgrade", "Expect"], StringComparer.OrdinalIgnoreCase);

    private readonly HttpClient _http = TrustingHttp.Client(vault.CaFile is null ? null : File.ReadAllText(vault.CaFile));

    public string RootToken => vault.RootToken;

    public bool IsSealed { get; set; }

    public async Task HandleAsync(HttpContext context)
    {
        if (IsSealed)
        {
            await Sealed(context.Request).WriteAsync(context);
            return;
        }

        using var request = await RequestAsync(context.Request);
        try
        {
            // Vault has got it: it is carried out, also when nobody waits for the answer any more.
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, CancellationToken.None);
            await WriteAsync(response, context.Response);
        }
        catch (HttpRequestException)
        {
            context.Abort();
        }
    }

    /// <summary>Those with policies of the prefix: others are none of the door's business.</summary>
    public async Task ForgetTokensAsync(CancellationToken cancellationToken)
    {
        var accessors = (await AskAsync(HttpMethod.Get, "auth/token/accessors?list=true", null, cancellationToken))?["data"]?["keys"]?.AsArray() ?? [];
        foreach (var accessor in accessors.Select(key => new JsonObject { ["accessor"] = (string)key! }))
        {
            // Null: it has ended meanwhile.
            var token = await AskAsync(HttpMethod.Post, "auth/token/lookup-accessor", accessor, cancellationToken);
            if (token?["data"]?["policies"]?.AsArray().Any(policy => ((string)policy!).StartsWith($"{vault.Prefix}-", StringComparison.Ordinal)) == true)
                await AskAsync(HttpMethod.Post, "auth/token/revoke-accessor", accessor, cancellationToken);
        }
    }

    public Task SettleAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static WireAnswer Sealed(HttpRequest request) => request.Path.Value switch
    {
        "/v1/sys/health" => new WireAnswer(
            int.TryParse(request.Query["sealedcode"], NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 200 and < 600 ? status : 503,
            VaultState.Health(isSealed: true, TimeProvider.System.GetUtcNow(), "")),
        "/v1/sys/seal-status" => new WireAnswer(200, VaultState.SealStatus(isSealed: true, "")),
        _ => WireAnswer.Errors(503, "Vault is sealed"),
    };

    private async Task<HttpRequestMessage> RequestAsync(HttpRequest asked)
    {
        // As it came: a path may hold escapes that mean something to Vault.
        var target = asked.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var address = new Uri(
            vault.Address.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var body = new MemoryStream();
        await asked.Body.CopyToAsync(body, asked.HttpContext.RequestAborted);
        var request = new HttpRequestMessage(new HttpMethod(asked.Method), address);
        if (body.Length > 0)
            request.Content = new ByteArrayContent(body.ToArray());
        foreach (var (name, values) in asked.Headers.Where(header => !s_hopByHop.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }

        return request;
    }

    private static async Task WriteAsync(HttpResponseMessage response, HttpResponse answer)
    {
        answer.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => !s_hopByHop.Contains(header.Key)))
            answer.Headers[name] = values.ToArray();
        if (response.StatusCode != HttpStatusCode.NoContent)
            await response.Content.CopyToAsync(answer.Body);
    }

    private async Task<JsonNode?> AskAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(vault.Address, $"/v1/{path}")) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("X-Vault-Token", vault.RootToken);
        using var response = await _http.SendAsync(request, cancellationToken);
        return response.StatusCode == HttpStatusCode.OK ? await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken) : null;
    }
}
