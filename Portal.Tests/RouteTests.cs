using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Support;

namespace Portal.Tests;

/// <summary>Nothing is open that is not named here.</summary>
public sealed class RouteTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    [Fact]
    public async Task Anonymous_routes_are_exactly_these()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        var routes = portal.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null);

        var anonymous = routes.Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            .Select(endpoint => $"{string.Join(',', endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])} /{endpoint.RoutePattern.RawText!.TrimStart('/')}")
            .Distinct().Order(StringComparer.Ordinal);

        anonymous.ShouldBe(
        [
            "GET /.well-known/jwks.json",
            "GET /api/v1/ssh/ca",
            "GET /api/v1/ssh/host.sh",
            "GET /api/v1/ssh/krl",
            "GET /docs/api/favicon.svg",
            "GET /docs/api/scalar.aspnetcore.js",
            "GET /docs/api/scalar.js",
            "GET /livez",
            "GET /readyz",
            "GET /sign-in",
            "GET /signed-out",
            "POST /sign-in/github",
            "POST /sign-out",
        ]);
    }

    [Fact]
    public async Task Every_other_route_sends_a_stranger_to_sign_in_or_refuses()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = portal.Address };
        foreach (var path in new[] { "/", "/databases", "/ssh", "/tokens", "/cloud-credentials", "/cloud-credentials/new", "/cloud-credentials/payments/aws", "/cloud-credentials/known-to-leavers", "/audit", "/health", "/_blazor/negotiate?negotiateVersion=1", "/browser/credentials/0193aaaa-0000-7000-8000-000000000000/shown", "/browser/access-tokens", "/browser/ssh/roles/oncall/certificates", "/browser/teams/payments/cloud-credentials", "/browser/teams/payments/cloud-credentials/aws/change", "/browser/teams/payments/cloud-credentials/aws/reveal", "/no/such/page" })
        {
            using var answer = path.Contains("_blazor") || path.Contains("browser") ? await http.PostAsync(path, null, Cancel) : await http.GetAsync(path, Cancel);
            ((int)answer.StatusCode).ShouldBeOneOf([302, 401, 403, 404], path);
            (await answer.Content.ReadAsStringAsync(Cancel)).ShouldNotContain("connectionToken");
        }
    }
}
