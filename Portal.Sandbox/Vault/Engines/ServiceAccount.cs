using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>What a service account's token says of itself; the API server tells whether it is true.</summary>
internal sealed record ServiceAccount(string Namespace, string Name, string Uid, string SecretName, IReadOnlyList<string> Audiences)
{
    /// <exception cref="VaultError">it is no JWT of a service account</exception>
    public static ServiceAccount Read(string jwt)
    {
        var parts = jwt.Split('.');
        if (parts.Length != 3)
            throw new VaultError(500, "not a compact JWS");
        try
        {
            var claims = Json.ReadObject(Base64Url.DecodeFromUtf8(Encoding.UTF8.GetBytes(parts[1])));
            var (bound, old) = (claims["kubernetes.io"] as JsonObject, new Fields(claims));
            var account = new Fields(bound?["serviceaccount"] as JsonObject ?? []);
            return new ServiceAccount(
                new Fields(bound ?? []).Text("namespace", old.Text("kubernetes.io/serviceaccount/namespace")),
                account.Text("name", old.Text("kubernetes.io/serviceaccount/service-account.name")),
                account.Text("uid", old.Text("kubernetes.io/serviceaccount/service-account.uid")),
                old.Text("kubernetes.io/serviceaccount/secret.name"),
                old.List("aud"));
        }
        catch (Exception e) when (e is FormatException or JsonException or VaultError)
        {
            throw new VaultError(500, "not a compact JWS");
        }
    }
}
