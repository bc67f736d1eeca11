using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>Encryption (AES-256-GCM) and signatures (ECDSA on P-256) with keys that never leave.</summary>
internal sealed class TransitEngine : Engine
{
    private readonly ConcurrentDictionary<string, TransitKey> _keys = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;

    public TransitEngine(TimeProvider time)
    {
        _time = time;
        Paths.On("keys").List(_ => Answer.Keys(_keys.Keys));
        Paths.On("keys/{name}").Read(request => Find(request) is { } key ? With(key, () => Answer.Of(key.Describe())) : null).Write(Create).Delete(Delete);
        Paths.On("keys/{name}/rotate").Write(Rotate);
        Paths.On("keys/{name}/config").Write(Configure);
        Paths.On("encrypt/{name}").Exists(request => Find(request) is not null).Write(Encrypt);
        Paths.On("decrypt/{name}").Write(Decrypt);
        Paths.On("rewrap/{name}").Write(Rewrap);
        foreach (var verb in new[] { "sign", "verify" })
        {
            Func<VaultRequest, Answer?> handler = verb == "sign" ? Sign : Verify;
            Paths.On($"{verb}/{{name}}").Write(handler);
            Paths.On($"{verb}/{{name}}/{{algorithm}}").Write(handler);
        }
    }

    public override ValueTask DisposeAsync()
    {
        foreach (var key in _keys.Values)
            key.Dispose();
        return base.DisposeAsync();
    }

    /// <summary>Each key is used by one request at a time: ECDsa objects allow no more.</summary>
    private static T With<T>(TransitKey key, Func<T> use)
    {
        lock (key)
            return use();
    }

    private TransitKey? Find(VaultRequest request) => _keys.GetValueOrDefault(request.Captured["name"]);

    private TransitKey Require(VaultRequest request) => Find(request) ?? throw VaultError.Invalid("encryption key not found");

    private TransitKey New(string name, string type)
    {
        var key = new TransitKey(name, type switch
        {
            "aes256-gcm96" => TransitKeyType.Aes256Gcm,
            "ecdsa-p256" => TransitKeyType.EcdsaP256,
            _ => throw VaultError.Invalid($"unknown key type {type}"),
        });
        key.Rotate(_time.GetUtcNow());
        return key;
    }

    private Answer? Create(VaultRequest request)
    {
        var name = request.Captured["name"];
        _keys.GetOrAdd(name, _ => New(name, request.Fields.Text("type", "aes256-gcm96")));
        return null;
    }

    private Answer? Delete(VaultRequest request)
    {
        if (Find(request) is not { } key)
            throw VaultError.Invalid("could not delete policy; not found");
        if (!key.IsDeletable)
            throw VaultError.Invalid("could not delete key; deletion is not allowed for this key");
        _keys.TryRemove(request.Captured["name"], out _);
        return null;
    }

    private Answer? Rotate(VaultRequest request)
    {
        var key = Find(request) ?? throw VaultError.Invalid("key not found");
        lock (key)
            key.Rotate(_time.GetUtcNow());
        return null;
    }

    private Answer? Configure(VaultRequest request)
    {
        var (key, fields) = (Find(request) ?? throw VaultError.Invalid($"no existing key named {request.Captured["name"]} could be found"), request.Fields);
        lock (key)
        {
            var (decryption, encryption) = (fields.Number("min_decryption_version", key.MinDecryption), fields.Number("min_encryption_version", key.MinEncryption));
            if (decryption > key.Latest)
                throw VaultError.Invalid($"cannot set min decryption version of {decryption}, latest key version is {key.Latest}");
            if (encryption > key.Latest)
                throw VaultError.Invalid($"cannot set min encryption version of {encryption}, latest key version is {key.Latest}");
            (key.MinDecryption, key.MinEncryption) = (Math.Max(1, decryption), encryption);
            key.IsDeletable = fields.Flag("deletion_allowed", key.IsDeletable);
        }

        return null;
    }

    private Answer Encrypt(VaultRequest request)
    {
        var name = request.Captured["name"];
        if (!request.Fields.Has("plaintext"))
            throw VaultError.Invalid("missing plaintext to encrypt");
        var key = _keys.GetOrAdd(name, _ => New(name, request.Fields.Text("type", "aes256-gcm96")));
        var plain = Base64(request.Fields.Text("plaintext"), "failed to base64-decode plaintext");
        return With(key, () => Encrypted(request, key, plain));
    }

    private static Answer Encrypted(VaultRequest request, TransitKey key, byte[] plain)
    {
        var version = Version(request, key);
        var cipher = key.Encrypt(version, plain, Associated(request));
        return Answer.Of(new JsonObject { ["ciphertext"] = $"vault:v{version}:{Convert.ToBase64String(cipher)}", ["key_version"] = version });
    }

    private Answer Decrypt(VaultRequest request)
    {
        var key = Require(request);
        var plain = With(key, () => Plain(request, key));
        return Answer.Of(new JsonObject { ["plaintext"] = Convert.ToBase64String(plain) });
    }

    private Answer Rewrap(VaultRequest request)
    {
        var key = Require(request);
        return With(key, () => Encrypted(request, key, Plain(request, key)));
    }

    private static byte[] Plain(VaultRequest request, TransitKey key)
    {
        var text = request.Fields.Text("ciphertext");
        if (text.Length == 0)
            throw VaultError.Invalid("missing ciphertext to decrypt");
        var (version, body) = Split(text, "ciphertext");
        return key.Decrypt(version, Base64(body, "invalid ciphertext: could not decode base64"), Associated(request));
    }

    private Answer Sign(VaultRequest request)
    {
        var key = Require(request);
        RequireSigning(key, "signing");
        var (hash, isJws) = (Hash(request), IsJws(request));
        return With(key, () =>
        {
            var version = Version(request, key);
            var signature = key.Sign(version, hash, isJws ? DSASignatureFormat.IeeeP1363FixedFieldConcatenation : DSASignatureFormat.Rfc3279DerSequence);
            var text = isJws ? System.Buffers.Text.Base64Url.EncodeToString(signature) : Convert.ToBase64String(signature);
            return Answer.Of(new JsonObject { ["signature"] = $"vault:v{version}:{text}", ["key_version"] = version });
        });
    }

    private Answer Verify(VaultRequest request)
    {
        var key = Require(request);
        RequireSigning(key, "verification");
        if (request.Fields.Text("signature") is not { Length: > 0 } text)
            throw VaultError.Invalid("neither a 'signature' nor an 'hmac' parameter has been given");
        var (hash, isJws, (version, body)) = (Hash(request), IsJws(request), Split(text, "signature"));
        byte[] signature;
        try
        {
            signature = isJws ? System.Buffers.Text.Base64Url.DecodeFromChars(body) : Convert.FromBase64String(body);
        }
        catch (FormatException)
        {
            throw VaultError.Invalid("invalid base64 signature value");
        }

        var format = isJws ? DSASignatureFormat.IeeeP1363FixedFieldConcatenation : DSASignatureFormat.Rfc3279DerSequence;
        return Answer.Of(new JsonObject { ["valid"] = With(key, () => key.Verify(version, hash, signature, format)) });
    }

    private static void RequireSigning(TransitKey key, string what)
    {
        if (key.Type != TransitKeyType.EcdsaP256)
            throw VaultError.Invalid($"key type aes256-gcm96 does not support {what}");
    }

    private static bool IsJws(VaultRequest request) => request.Fields.Text("marshaling_algorithm", "asn1") switch
    {
        "jws" => true,
        "asn1" => false,
        var other => throw VaultError.Invalid($"invalid marshaling type {Durations.Quote(other)}"),
    };

    private static byte[] Hash(VaultRequest request)
    {
        var input = Base64(request.Fields.Text("input"), "unable to decode input as base64");
        if (request.Fields.Flag("prehashed"))
            return input;
        var algorithm = request.Captured.GetValueOrDefault("algorithm") ?? request.Fields.Text("hash_algorithm", request.Fields.Text("algorithm", "sha2-256"));
        return algorithm switch
        {
            "sha2-256" => SHA256.HashData(input),
            "sha2-384" => SHA384.HashData(input),
            "sha2-512" => SHA512.HashData(input),
            _ => throw VaultError.Invalid($"invalid hash algorithm {Durations.Quote(algorithm)}"),
        };
    }

    private static int Version(VaultRequest request, TransitKey key)
    {
        var version = request.Fields.Number("key_version");
        if (version == 0)
            return key.Latest;
        if (version < 0 || version > key.Latest)
            throw VaultError.Invalid(version < 0 ? "requested version for encryption is negative" : "requested version for encryption is higher than the latest key version");
        return version < key.MinEncryption ? throw VaultError.Invalid("requested version for encryption is less than the minimum encryption key version") : version;
    }

    private static (int Version, string Body) Split(string text, string what)
    {
        if (!text.StartsWith("vault:v", StringComparison.Ordinal))
            throw VaultError.Invalid($"invalid {what}: no prefix");
        var parts = text["vault:v".Length..].Split(':', 2);
        if (parts.Length != 2)
            throw VaultError.Invalid($"invalid {what}: wrong number of fields");
        return int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? (version, parts[1])
            : throw VaultError.Invalid($"invalid {what}: version number could not be decoded");
    }

    private static byte[] Associated(VaultRequest request) => Base64(request.Fields.Text("associated_data"), "failed to base64-decode associated_data");

    private static byte[] Base64(string text, string otherwise)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw VaultError.Invalid(otherwise);
        }
    }
}
