using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Kubernetes;

/// <summary>Makes and checks service-account tokens (RS256), with the claims and the refusals of a real API server.</summary>
internal sealed class ServiceAccountTokens : IDisposable
{
    private readonly RSA _key;
    private readonly string _keyId;
    private readonly string _issuer;
    private readonly Cluster _cluster;
    private readonly TimeProvider _time;

    public ServiceAccountTokens(KubernetesServerOptions options, Cluster cluster)
    {
        (_issuer, _cluster, _time) = (options.Issuer, cluster, options.TimeProvider);
        _key = RSA.Create(2048);
        if (options.SigningKeyPem is { } pem)
            _key.ImportFromPem(pem);
        _keyId = Base64Url.EncodeToString(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()));
    }

    public object KeySet
    {
        get
        {
            var key = _key.ExportParameters(false);
            var jwk = new
            {
                use = "sig",
                kty = "RSA",
                kid = _keyId,
                alg = "RS256",
                n = Base64Url.EncodeToString(key.Modulus),
                e = Base64Url.EncodeToString(key.Exponent),
            };
            return new { keys = new[] { jwk } };
        }
    }

    public IssuedToken Create(ClusterObject account, IReadOnlyList<string> audiences, TimeSpan ttl)
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        var expires = now + (long)ttl.TotalSeconds;
        var claims = new JsonObject
        {
            ["aud"] = new JsonArray([.. audiences.Select(a => (JsonNode)a)]),
            ["exp"] = expires,
            ["iat"] = now,
            ["iss"] = _issuer,
            ["jti"] = Guid.CreateVersion7().ToString(),
            ["kubernetes.io"] = new JsonObject
            {
                ["namespace"] = account.Namespace,
                ["serviceaccount"] = new JsonObject { ["name"] = account.Name, ["uid"] = account.Uid.ToString() },
            },
            ["nbf"] = now,
            ["sub"] = UserNames.ServiceAccount(account.Namespace!, account.Name),
        };
        var header = new JsonObject { ["alg"] = "RS256", ["kid"] = _keyId };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        var signature = _key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return new IssuedToken($"{signed}.{Base64Url.EncodeToString(signature)}", DateTimeOffset.FromUnixTimeSeconds(expires));
    }

    /// <summary>Null without an error: not a token of this issuer. The error says what is wrong with one that is.</summary>
    public (Caller? Caller, string? Error) Authenticate(string token, IReadOnlyList<string> audiences)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || JwtPart.Object(parts[1]) is not { } claims || Text(claims, "iss") != _issuer)
            return (null, null);
        if (JwtPart.Object(parts[0]) is not { } header || Text(header, "alg") != "RS256" || !IsSigned(parts))
            return (null, "go-jose/go-jose: error in cryptographic primitive");

        var intended = claims["aud"] is JsonArray all ? [.. all.Select(a => a?.ToString() ?? "")] : Array.Empty<string>();
        string[] common = [.. intended.Intersect(audiences)];
        if (common.Length == 0)
            return (null, $"token audiences {Quote(intended)} is invalid for the target audiences {Quote(audiences)}");

        // A real API server allows a minute of leeway here; without it, tests see an end when it comes.
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        if (Number(claims, "exp") is not { } expires || now >= expires)
            return (null, "service account token has expired");
        if (Number(claims, "nbf") > now)
            return (null, "service account token is not valid yet");
        return Find(claims, common);
    }

    public void Dispose() => _key.Dispose();

    private (Caller? Caller, string? Error) Find(JsonObject claims, string[] audiences)
    {
        var bound = claims["kubernetes.io"] as JsonObject;
        var reference = bound?["serviceaccount"] as JsonObject;
        if (Text(bound, "namespace") is not { } inNamespace || Text(reference, "name") is not { } name)
            return (null, "token could not be validated: namespace or service account is missing");
        if (_cluster.Find(ClusterKind.ServiceAccount, inNamespace, name) is not { } account)
            return (null, $"serviceaccounts \"{name}\" not found");
        if (Text(reference, "uid") is var uid && uid != account.Uid.ToString())
            return (null, $"service account UID ({account.Uid}) does not match claim ({uid})");
        return (Caller.ServiceAccount(account, audiences, Text(claims, "jti")), null);
    }

    private bool IsSigned(string[] parts) => JwtPart.Bytes(parts[2]) is { } signature && _key.VerifyData(
        Encoding.UTF8.GetBytes($"{parts[0]}.{parts[1]}"), signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));

    private static string? Text(JsonObject? part, string name) => part?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static long? Number(JsonObject part, string name) => part[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    private static string Quote(IEnumerable<string> names) => $"[{string.Join(' ', names.Select(n => $"\"{n}\""))}]";
}

/// <summary>The text of a token and its end.</summary>
internal sealed record IssuedToken(string Token, DateTimeOffset Expires)
{
    public override string ToString() => $"token until {KubernetesJson.Time(Expires)}";
}
