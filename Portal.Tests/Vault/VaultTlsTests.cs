using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Vault;

/// <summary>Over a real socket with TLS: whom the client believes.</summary>
public sealed class VaultTlsTests : IAsyncLifetime
{
    private readonly X509Certificate2 _authority = Authority("Test CA");
    private WebApplication _server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var certificate = Issue(_authority);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var pkcs12 = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(pkcs12)));
        _server = builder.Build();
        _server.MapGet("/v1/sys/seal-status", () => Results.Text("""{"initialized":true,"sealed":false,"version":"1.8.0"}""", "application/json"));
        await _server.StartAsync(Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
    }

    [Fact]
    public async Task An_own_authority_is_believed_when_it_is_named()
    {
        using var file = new TemporaryFile(_authority.ExportCertificatePem());

        (await SealStatusAsync("localhost", file.Path)).Version.ShouldBe("1.8.0");
    }

    [Fact]
    public async Task Without_it_the_server_is_a_stranger() => await ShouldBeUnreachableAsync("localhost", null);

    [Fact]
    public async Task Another_authority_does_not_help()
    {
        using var other = Authority("Test CA");
        using var file = new TemporaryFile(other.ExportCertificatePem());

        await ShouldBeUnreachableAsync("localhost", file.Path);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused()
    {
        using var file = new TemporaryFile(_authority.ExportCertificatePem());

        await ShouldBeUnreachableAsync("127.0.0.1", file.Path);
    }

    private async Task ShouldBeUnreachableAsync(string host, string? caFile) =>
        (await Should.ThrowAsync<VaultException>(() => SealStatusAsync(host, caFile))).Failure.ShouldBe(VaultFailure.Unreachable);

    private async Task<SealStatus> SealStatusAsync(string host, string? caFile)
    {
        var port = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Vault:Address", $"https://{host}:{port}"), new("Vault:CaFile", caFile)])
            .Build();
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging().AddVault().BuildServiceProvider();
        return await services.GetRequiredService<SystemBackend>().SealStatusAsync(Ct);
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
