using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Sandbox.Servers;

namespace Portal.Sandbox;

/// <summary>The file from which scripts learn where everything is. It holds tokens, and is written when everything is ready.</summary>
internal static class Handover
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static Task WriteAsync(Sandbox sandbox, PortalProcess portal) => PrivateFile.ReplaceAsync(sandbox.Folder.Handover, JsonSerializer.Serialize(
        new
        {
            Portal = Text(portal.Address),
            Vault = new { Address = Text(sandbox.Vault.Address), Token = sandbox.Vault.RootToken },
            Kubernetes = new { Server = Text(sandbox.Kubernetes.Address), Ca = sandbox.Kubernetes.CaPem, Token = sandbox.Kubernetes.AdminToken },
            Github = Text(sandbox.GitHub.Address),
            Postgres = sandbox.HasPostgres ? new { sandbox.Postgres.Host, sandbox.Postgres.Port } : null,
            Mariadb = sandbox.HasMariaDb ? new { sandbox.MariaDb.Host, sandbox.MariaDb.Port } : null,
            Ssh = sandbox.Ssh is { } ssh ? new { ssh.Host, ssh.Port, ssh.User, ssh.KnownHosts } : null,
        },
        s_json));

    public static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);
}
