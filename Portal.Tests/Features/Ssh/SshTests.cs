using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Ssh;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

/// <summary>Base of tests that ask for certificates over the REST API. The seed lets bob (on-call) use oncall, and carol (platform) deploy.</summary>
public abstract class SshTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    protected static readonly Dictionary<string, string?> Quick = new() { ["Ssh:EndingInterval"] = "00:00:00.2" };

    protected SshKeygen Keygen { get; } = new();

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Keygen.Dispose();
        return base.DisposeAsync();
    }

    protected Task<TestPortal> StartAsync(params (string Key, string? Value)[] settings) =>
        TestPortal.StartAsync(Sandbox, Quick.Concat(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).ToDictionary());

    /// <summary>Asks for a certificate.</summary>
    /// <param name="principals">With blanks between.</param>
    protected static Task<Answer> IssueAsync(
        ApiClient client, string? key = null, string principals = "deploy", int seconds = 3600, string reason = "INC-42", string role = "oncall", string? idempotencyKey = null) =>
        client.PostAsync(
            $"/ssh/roles/{role}/certificates",
            new { publicKey = key ?? TestKeys.Ed25519, principals = principals.Split(' ', StringSplitOptions.RemoveEmptyEntries), durationSeconds = seconds, reason },
            idempotencyKey);

    protected static string Certificate(Answer issued) => issued.Json.GetProperty("certificate").GetString()!;

    protected static string KeyId(Answer issued) => issued.Json.GetProperty("keyId").GetString()!;

    /// <summary>The list as hosts fetch it.</summary>
    protected static async Task<byte[]> ListAsync(TestPortal portal)
    {
        using var http = new HttpClient();
        return await http.GetByteArrayAsync(new Uri(portal.Address, "/api/v1/ssh/krl"), Cancel);
    }

    protected async Task<bool> IsRevokedAsync(TestPortal portal, string line) => Keygen.AreRevoked(await ListAsync(portal), [line])[0];

    /// <summary>The list in words.</summary>
    protected async Task<string> DescribedListAsync(TestPortal portal)
    {
        await File.WriteAllBytesAsync(Keygen.Path("krl"), await ListAsync(portal), Cancel);
        return Keygen.Run("-Q", "-l", "-f", Keygen.Path("krl"));
    }

    protected static Task<IssuedCertificate> RecordAsync(TestPortal portal, string? keyId = null) => portal.DatabaseAsync(db =>
        db.IssuedCertificates.AsNoTracking().Include(row => row.Credential).SingleAsync(row => keyId == null || row.KeyId == keyId, Cancel));

    protected static string Text(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
}
