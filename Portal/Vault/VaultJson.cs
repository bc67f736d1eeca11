using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Portal.Vault;

/// <summary>What goes over the wire, as Vault spells it. Unknown fields are ignored: newer servers send more.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(LoginBody))]
[JsonSerializable(typeof(AuthAnswer))]
[JsonSerializable(typeof(TokenBody))]
[JsonSerializable(typeof(AccessorBody))]
[JsonSerializable(typeof(LeaseBody))]
[JsonSerializable(typeof(LeaseAnswer))]
[JsonSerializable(typeof(KeyValueBody))]
[JsonSerializable(typeof(KeyValueDocumentBody))]
[JsonSerializable(typeof(KeyValueMetadataBody))]
[JsonSerializable(typeof(KeyValueVersionsBody))]
[JsonSerializable(typeof(Answer<KeyValueDocumentData>))]
[JsonSerializable(typeof(Answer<KeyValueVersion>))]
[JsonSerializable(typeof(Answer<KeyValueMetadata>))]
[JsonSerializable(typeof(Answer<KeyValueData>))]
[JsonSerializable(typeof(Answer<DatabaseCredentialsData>))]
[JsonSerializable(typeof(Answer<KeysData>))]
[JsonSerializable(typeof(EncryptBody))]
[JsonSerializable(typeof(DecryptBody))]
[JsonSerializable(typeof(Answer<CiphertextData>))]
[JsonSerializable(typeof(Answer<PlaintextData>))]
[JsonSerializable(typeof(SignBody))]
[JsonSerializable(typeof(Answer<SignatureData>))]
[JsonSerializable(typeof(Answer<TransitKeyData>))]
[JsonSerializable(typeof(SshSignBody))]
[JsonSerializable(typeof(Answer<SignedKeyData>))]
[JsonSerializable(typeof(Answer<PublicKeyData>))]
[JsonSerializable(typeof(SealStatusAnswer))]
[JsonSerializable(typeof(Answer<PolicyData>))]
[JsonSerializable(typeof(Answer<LeasesData>))]
[JsonSerializable(typeof(CapabilitiesBody))]
[JsonSerializable(typeof(Answer<Dictionary<string, JsonElement>>))]
internal sealed partial class VaultJson : JsonSerializerContext
{
    public static byte[] Write<T>(T body, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(body, type);

    /// <exception cref="VaultException">The answer is no such thing. What it was is not told: it may be secret.</exception>
    public static T Read<T>(string path, byte[] body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw VaultErrors.NotUnderstood(path);
        }
        catch (JsonException)
        {
            throw VaultErrors.NotUnderstood(path);
        }
    }
}

internal sealed record Answer<T>(T? Data);

internal sealed record ErrorAnswer(IReadOnlyList<string>? Errors);

internal sealed record LoginBody(string Role, string Jwt);

internal sealed record AuthAnswer(AuthData? Auth);

internal sealed record AuthData(string? ClientToken, string? Accessor, long LeaseDuration, bool Renewable);

/// <param name="Ttl">Whole seconds with the unit: <c>3600s</c>.</param>
internal sealed record TokenBody(string DisplayName, IReadOnlyDictionary<string, string> Meta, string Ttl, bool Renewable);

internal sealed record AccessorBody(string Accessor, string? Increment = null);

/// <param name="Increment">Seconds.</param>
internal sealed record LeaseBody(string LeaseId, long? Increment = null, bool? Sync = null);

/// <param name="LeaseDuration">Seconds.</param>
internal sealed record LeaseAnswer(string? LeaseId, long LeaseDuration);

internal sealed record KeyValueBody(IReadOnlyDictionary<string, string> Data, KeyValueOptions? Options = null);

/// <param name="Cas">The version that must be there; 0 for none.</param>
internal sealed record KeyValueOptions(int Cas);

internal sealed record KeysData(IReadOnlyList<string>? Keys);

internal sealed record KeyValueMetadataBody(int MaxVersions);

internal sealed record KeyValueData(Dictionary<string, JsonElement>? Data, KeyValueVersion? Metadata);

internal sealed record KeyValueVersion(int Version);

internal sealed record KeyValueDocumentBody(JsonElement Data, KeyValueOptions Options)
{
    public override string ToString() => "document to keep";
}

internal sealed record KeyValueDocumentData(JsonElement? Data, KeyValueVersion? Metadata)
{
    public override string ToString() => $"document, version {Metadata?.Version}";
}

internal sealed record KeyValueVersionsBody(IReadOnlyList<int> Versions);

internal sealed record KeyValueMetadata(int CurrentVersion, Dictionary<string, KeyValueVersionState>? Versions);

/// <param name="DeletionTime">Empty for a version that is there; a time that may lie ahead.</param>
internal sealed record KeyValueVersionState(string? DeletionTime, bool Destroyed);

internal sealed record DatabaseCredentialsData(string? Username, string? Password);

/// <param name="Plaintext">Base64.</param>
internal sealed record EncryptBody(string Plaintext);

internal sealed record DecryptBody(string Ciphertext);

internal sealed record CiphertextData(string? Ciphertext);

internal sealed record PlaintextData(string? Plaintext);

/// <param name="Input">Base64.</param>
/// <param name="MarshalingAlgorithm"><c>jws</c>: the signature as RFC 7518 section 3.4 has it.</param>
internal sealed record SignBody(string Input, int KeyVersion, string MarshalingAlgorithm);

internal sealed record SignatureData(string? Signature);

internal sealed record TransitKeyData(Dictionary<string, TransitKeyVersion>? Keys, int LatestVersion);

/// <param name="PublicKey">PEM.</param>
internal sealed record TransitKeyVersion(string? PublicKey);

/// <param name="ValidPrincipals">With commas between.</param>
/// <param name="Ttl">Whole seconds with the unit: <c>3600s</c>.</param>
/// <param name="Extensions">Names with empty values.</param>
internal sealed record SshSignBody(
    string PublicKey, string ValidPrincipals, string KeyId, string CertType, string Ttl, IReadOnlyDictionary<string, string> Extensions);

/// <param name="SerialNumber">Hexadecimal.</param>
internal sealed record SignedKeyData(string? SerialNumber, string? SignedKey);

internal sealed record PublicKeyData(string? PublicKey);

internal sealed record SealStatusAnswer(bool Initialized, bool Sealed, string? Version);

internal sealed record PolicyData(string? Policy);

internal sealed record LeasesData(long LeaseCount, IReadOnlyList<LeaseData>? Leases);

internal sealed record LeaseData(string? LeaseId, string? Error);

internal sealed record CapabilitiesBody(IReadOnlyList<string> Paths);
