using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Portal.Outbound;
using Portal.Sandbox.Clouds;
using Portal.Tests.Support;

namespace Portal.Tests.Sandbox;

/// <summary>The sandbox's clouds check what clouds check.</summary>
public sealed class CloudServerTests : IAsyncLifetime
{
    private CloudServer _clouds = null!;
    private TemporaryFile _authority = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _clouds = await CloudServer.StartAsync();
        _authority = new TemporaryFile(_clouds.CaPem);
    }

    public async ValueTask DisposeAsync()
    {
        await _clouds.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public async Task A_call_that_Amazons_library_signed_is_taken() => (await CallerAsync(_ => Task.CompletedTask)).Account.ShouldBe("123456789012");

    [Fact]
    public Task A_changed_body_is_refused() => RefusedAsync("SignatureDoesNotMatch", async request =>
    {
        var body = await request.Content!.ReadAsStringAsync(Cancel);
        request.Content = new StringContent($"{body}&Extra=1", Encoding.UTF8, "application/x-www-form-urlencoded");
    });

    [Fact]
    public Task A_changed_path_of_the_query_is_refused() => RefusedAsync("SignatureDoesNotMatch", request =>
    {
        request.RequestUri = new Uri($"{request.RequestUri}?x=1");
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData("/sts/aws4_request", "/ec2/aws4_request", "SignatureDoesNotMatch")]
    [InlineData("/eu-central-1/", "/us-east-1/", "SignatureDoesNotMatch")]
    [InlineData("SignedHeaders=content-type;", "SignedHeaders=", "SignatureDoesNotMatch")]
    [InlineData(";x-amz-date", "", "IncompleteSignature")]
    [InlineData("Credential=AKIA", "Credential=AKIB", "InvalidClientTokenId")]
    public Task A_changed_signature_is_refused(string from, string to, string code) => RefusedAsync(code, request =>
    {
        var header = request.Headers.GetValues("Authorization").Single();
        header.ShouldContain(from);
        request.Headers.Remove("Authorization");
        request.Headers.TryAddWithoutValidation("Authorization", header.Replace(from, to, StringComparison.Ordinal));
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData("alg", "none")]
    [InlineData("iss", "other@acme-shop.iam.gserviceaccount.com")]
    [InlineData("aud", "https://oauth2.googleapis.com/other")]
    [InlineData("scope", "")]
    [InlineData("exp", 4000)]
    [InlineData("iat", 4000)]
    public async Task A_jwt_that_is_wrong_in_one_claim_is_refused(string claim, object value)
    {
        (await TokenAsync(null, null)).ShouldBe(HttpStatusCode.OK);
        (await TokenAsync(claim, value)).ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Calls_without_a_token_are_refused()
    {
        using var http = Client();
        foreach (var path in new[] { "v3/projects/acme-shop", "v1/projects/acme-shop/services:batchGet?names=a" })
            (await http.GetAsync(new Uri(_clouds.Address("google"), path), Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await http.GetAsync(new Uri(_clouds.Address("azure"), "subscriptions/x?api-version=2022-12-01"), Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await http.GetAsync(new Uri(_clouds.Address("digitalocean"), "v2/account"), Cancel)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await http.GetAsync(new Uri(_clouds.Address("cloudflare"), "client/v4/user"), Cancel)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private async Task RefusedAsync(string code, Func<HttpRequestMessage, Task> change) =>
        (await Should.ThrowAsync<AmazonSecurityTokenServiceException>(() => CallerAsync(change))).ErrorCode.ShouldBe(code);

    private async Task<GetCallerIdentityResponse> CallerAsync(Func<HttpRequestMessage, Task> change)
    {
        var good = _clouds.Seed.Values("amazon");
        using var sts = new AmazonSecurityTokenServiceClient(
            new BasicAWSCredentials(good["AWS_ACCESS_KEY_ID"], good["AWS_SECRET_ACCESS_KEY"]),
            new AmazonSecurityTokenServiceConfig
            {
                ServiceURL = _clouds.Address("amazon").AbsoluteUri,
                AuthenticationRegion = "eu-central-1",
                MaxErrorRetry = 0,
                HttpClientFactory = new Factory(() => new HttpClient(new Changing(Handler(), change))),
            });
        return await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), Cancel);
    }

    private async Task<HttpStatusCode> TokenAsync(string? claim, object? value)
    {
        var good = _clouds.Seed.Values("google");
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var header = new JsonObject { ["alg"] = claim == "alg" ? (string)value! : "RS256", ["kid"] = good["private_key_id"], ["typ"] = "JWT" };
        var claims = new JsonObject
        {
            ["iss"] = good["client_email"],
            ["scope"] = "https://www.googleapis.com/auth/cloud-platform",
            ["aud"] = "https://oauth2.googleapis.com/token",
            ["iat"] = now,
            ["exp"] = now + 3600,
        };
        if (claim is not null and not "alg")
            claims[claim] = value is int shift ? now + shift : (string)value!;
        var signed = $"{Part(header)}.{Part(claims)}";
        using var key = RSA.Create();
        key.ImportFromPem(good["private_key"]);
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var http = Client();
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), new("assertion", $"{signed}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}"),
        ]);
        using var answer = await http.PostAsync(new Uri(_clouds.Address("google"), "token"), form, Cancel);
        return answer.StatusCode;
    }

    private static string Part(JsonObject part) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private HttpClient Client() => new(Handler());

    private SocketsHttpHandler Handler() => new() { SslOptions = { CertificateChainPolicy = OutboundTrust.SystemAnd(_authority.Path) } };

    private sealed class Factory(Func<HttpClient> make) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => make();

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;
    }

    private sealed class Changing(HttpMessageHandler inner, Func<HttpRequestMessage, Task> change) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await change(request);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
