using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>A certificate authority for OpenSSH.</summary>
internal sealed class SshEngine : Engine
{
    // Clocks differ a little.
    private static readonly TimeSpan s_backdated = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, SshRole> _roles = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private volatile SshAuthority? _authority;

    public SshEngine(TimeProvider time)
    {
        _time = time;
        Paths.On("public_key").Read(_ => _authority is { } authority ? new Answer { Plain = authority.PublicKey } : null);
        Paths.On("config/ca").Read(_ => Published(_authority ?? throw VaultError.Invalid("keys haven't been configured yet"))).Write(SetAuthority).Delete(DropAuthority);
        Paths.On("roles").List(_ => ListRoles());
        Paths.On("roles/{name}").Read(request => _roles.TryGetValue(request.Captured["name"], out var role) ? Answer.Of(role.Describe()) : null).Write(WriteRole).Delete(DeleteRole);
        Paths.On("sign/{name}").Write(Sign);
    }

    public override bool IsPublic(string path) => path == "public_key";

    public override ValueTask DisposeAsync()
    {
        _authority?.Dispose();
        return base.DisposeAsync();
    }

    private static Answer Published(SshAuthority authority) => Answer.Of(new JsonObject { ["public_key"] = authority.PublicKey });

    private Answer SetAuthority(VaultRequest request)
    {
        var fields = request.Fields;
        var (privateKey, publicKey) = (fields.Text("private_key"), fields.Text("public_key"));
        var generates = fields.Flag("generate_signing_key", privateKey.Length == 0 && publicKey.Length == 0);
        if (generates && (privateKey.Length > 0 || publicKey.Length > 0))
            throw VaultError.Invalid("public_key and private_key must not be set when generate_signing_key is set to true");
        if (!generates && (privateKey.Length == 0 || publicKey.Length == 0))
            throw VaultError.Invalid("only one of public_key and private_key set; both must be set to use, or both must be blank to auto-generate");
        lock (_lock)
        {
            if (_authority is not null)
                throw VaultError.Invalid("keys are already configured; delete them before reconfiguring");
            _authority = generates ? SshAuthority.Generate(fields.Text("key_type")) : SshAuthority.Import(privateKey);
            return Published(_authority);
        }
    }

    private Answer? DropAuthority(VaultRequest request)
    {
        // A request may be signing with it: what is left of it goes with the garbage.
        lock (_lock)
            _authority = null;
        return null;
    }

    private Answer? ListRoles()
    {
        if (Answer.Keys(_roles.Keys) is not { } answer)
            return null;
        answer.Data!["key_info"] = new JsonObject([.. _roles.Keys.Order(StringComparer.Ordinal)
            .Select(name => KeyValuePair.Create(name, (JsonNode?)new JsonObject { ["key_type"] = "ca" }))]);
        return answer;
    }

    private Answer? WriteRole(VaultRequest request)
    {
        _roles[request.Captured["name"]] = SshRole.Read(request.Fields);
        return null;
    }

    private Answer? DeleteRole(VaultRequest request)
    {
        _roles.TryRemove(request.Captured["name"], out _);
        return null;
    }

    private Answer Sign(VaultRequest request)
    {
        var (name, fields) = (request.Captured["name"], request.Fields);
        if (!_roles.TryGetValue(name, out var role))
            throw VaultError.Invalid($"Unknown role: {name}");
        var key = SshRules.Key(role, fields);
        var keyId = SshRules.KeyId(role, request, key);
        var isHost = SshRules.IsHost(role, fields);
        var now = _time.GetUtcNow();
        var certificate = new SshCertificate
        {
            Key = key,
            Serial = BinaryPrimitives.ReadUInt64BigEndian(RandomNumberGenerator.GetBytes(8)),
            IsHost = isHost,
            KeyId = keyId,
            Principals = SshRules.Principals(role, fields, isHost),
            ValidAfter = now - s_backdated,
            ValidBefore = now + SshRules.Ttl(role, fields, request.Mount.Limits),
            CriticalOptions = SshRules.CriticalOptions(role, fields),
            Extensions = SshRules.Extensions(role, fields),
        };
        var authority = _authority ?? throw VaultError.Fault("failed to read CA private key");
        return Answer.Of(new JsonObject
        {
            ["serial_number"] = certificate.Serial.ToString("x", CultureInfo.InvariantCulture),
            ["signed_key"] = certificate.Sign(authority, role.AlgorithmSigner),
        });
    }
}
