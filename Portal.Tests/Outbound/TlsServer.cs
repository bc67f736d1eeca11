using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Portal.Tests.Outbound;

/// <summary>A server on loopback whose certificate comes from an authority of its own, by way of another that it does not show.</summary>
public sealed class TlsServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TlsServer(WebApplication app, string authorityPem) => (_app, AuthorityPem) = (app, authorityPem);

    public string AuthorityPem { get; }

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

    /// <param name="aia">Where the certificate says that its issuer's is; null: the issuer is the authority itself.</param>
    public static async Task<TlsServer> StartAsync(RequestDelegate answer, Uri? aia = null, bool asksForCertificate = false)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority("Root", rootKey).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var middle = Authority("Middle", middleKey).Create(root, root.NotBefore, root.NotAfter, RandomNumberGenerator.GetBytes(8)).CopyWithPrivateKey(middleKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        if (aia is not null)
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [aia.AbsoluteUri]));
        using var issued = request.Create(aia is null ? root : middle, root.NotBefore, root.NotAfter, RandomNumberGenerator.GetBytes(8)).CopyWithPrivateKey(key);
        var certificate = X509CertificateLoader.LoadPkcs12(issued.Export(X509ContentType.Pkcs12), null);

        var context = SslStreamCertificateContext.Create(certificate, null, offline: true);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(
            // Else the server looks for its issuers by itself.
            new TlsHandshakeCallbackOptions { OnConnection = _ => new(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = context,
                ClientCertificateRequired = asksForCertificate,
                RemoteCertificateValidationCallback = (_, shown, _, _) => !asksForCertificate || shown is not null,
            }) })));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TlsServer(app, root.ExportCertificatePem());
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request;
    }
}
