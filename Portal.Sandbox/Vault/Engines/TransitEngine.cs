using System.Collections.Concurrent;

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
        Paths.On("keys/{name}").Read(request => Find(request) is { } key ? With(key, _ => Answer.Of(key.Describe())) : null).Write(Create).Delete(Delete);
        Paths.On("keys/{name}/rotate").Write(Rotate);
        Paths.On("keys/{name}/config").Write(Configure);
        Paths.On("encrypt/{name}").Exists(request => Find(request) is not null).Write(Encrypt);
        Paths.On("decrypt/{name}").Write(request => With(Require(request), key => TransitCiphers.Decrypt(key, request.Fields)));
        Paths.On("rewrap/{name}").Write(request => With(Require(request), key => TransitCiphers.Rewrap(key, request.Fields)));
        foreach (var path in new[] { "{name}", "{name}/{algorithm}" })
        {
            Paths.On($"sign/{path}").Write(Sign);
            Paths.On($"verify/{path}").Write(Verify);
        }
    }

    public override ValueTask DisposeAsync()
    {
        foreach (var key in _keys.Values)
            key.Dispose();
        return base.DisposeAsync();
    }

    /// <summary>Each key is used by one request at a time: ECDsa objects allow no more.</summary>
    private static Answer With(TransitKey key, Func<TransitKey, Answer> use)
    {
        lock (key)
            return use(key);
    }

    private TransitKey? Find(VaultRequest request) => _keys.GetValueOrDefault(request.Captured["name"]);

    private TransitKey Require(VaultRequest request) => Find(request) ?? throw VaultError.Invalid("encryption key not found");

    private TransitKey FindOrCreate(VaultRequest request)
    {
        var type = request.Fields.Text("type", "aes256-gcm96");
        return _keys.GetOrAdd(request.Captured["name"], name =>
        {
            var key = new TransitKey(name, type switch
            {
                "aes256-gcm96" => TransitKeyType.Aes256Gcm,
                "ecdsa-p256" => TransitKeyType.EcdsaP256,
                _ => throw VaultError.Invalid($"unknown key type {type}"),
            });
            key.Rotate(_time.GetUtcNow());
            return key;
        });
    }

    private Answer? Create(VaultRequest request)
    {
        FindOrCreate(request);
        return null;
    }

    private Answer? Delete(VaultRequest request)
    {
        var name = request.Captured["name"];
        if (Find(request) is not { } key)
            throw VaultError.Invalid($"error deleting policy {name}: could not delete key; not found");
        if (!key.IsDeletable)
            throw VaultError.Invalid($"error deleting policy {name}: deletion is not allowed for this key");
        _keys.TryRemove(name, out _);
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
            var decryption = Math.Max(1, Minimum(fields, "decryption", key.MinDecryption, key.Latest));
            var encryption = Minimum(fields, "encryption", key.MinEncryption, key.Latest);
            if (encryption > 0 && encryption < decryption)
                throw VaultError.Invalid($"cannot set min encryption/decryption values; min encryption version of {encryption} must be greater than or equal to min decryption version of {decryption}");
            (key.MinDecryption, key.MinEncryption) = (decryption, encryption);
            key.IsDeletable = fields.Flag("deletion_allowed", key.IsDeletable);
        }

        return null;
    }

    private static int Minimum(Fields fields, string what, int before, int latest)
    {
        var version = fields.Number($"min_{what}_version", before);
        if (version < 0)
            throw VaultError.Invalid($"min {what} version cannot be negative");
        if (version > latest)
            throw VaultError.Invalid($"cannot set min {what} version of {version}, latest key version is {latest}");
        return version;
    }

    private Answer Encrypt(VaultRequest request)
    {
        if (!request.Fields.Has("plaintext"))
            throw VaultError.Invalid("missing plaintext to encrypt");
        return With(FindOrCreate(request), key => TransitCiphers.Encrypt(key, request.Fields));
    }

    private Answer Sign(VaultRequest request)
    {
        var terms = TransitSignatures.Read(request);
        return With(Require(request), key => TransitSignatures.Sign(key, request.Fields, terms));
    }

    private Answer Verify(VaultRequest request)
    {
        if (request.Fields.Text("signature").Length == 0)
            throw VaultError.Invalid("neither a 'signature' nor an 'hmac' were given to verify");
        var terms = TransitSignatures.Read(request);
        return With(Require(request), key => TransitSignatures.Verify(key, request.Fields, terms));
    }
}
