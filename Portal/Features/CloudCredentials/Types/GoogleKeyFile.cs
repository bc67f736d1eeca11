using System.Text;
using System.Text.Json;

namespace Portal.Features.CloudCredentials.Types;

/// <summary>Reads the key file of a service account, field by field, to name what is wrong in it. Repeats no value.</summary>
internal sealed class GoogleKeyFile(IDictionary<string, string> errors)
{
    private const int Largest = 64 * 1024;
    private const string Expected = "the JSON key file of a service account begins with { and has fields such as \"type\": \"service_account\"";

    private static readonly string[] s_known =
    [
        "type", "project_id", "private_key_id", "private_key", "client_email", "client_id", "auth_uri", "token_uri",
        "auth_provider_x509_cert_url", "client_x509_cert_url",
    ];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Read(string text)
    {
        if (text.Length > Largest)
        {
            errors[CloudFile.Field] = $"The file has more than {Largest / 1024} KiB; a key file has about 2.";
            return _values;
        }

        try
        {
            Object(Encoding.UTF8.GetBytes(text.TrimStart('\uFEFF')));
        }
        catch (JsonException exception)
        {
            errors[CloudFile.Field] = $"The file is not whole JSON: reading stops in line {exception.LineNumber + 1} at byte {exception.BytePositionInLine + 1}. Copy the file again.";
        }
        catch (InvalidOperationException)
        {
            errors[CloudFile.Field] = "The file has a text with half of a letter in it (a lone surrogate). Copy the file again.";
        }

        if (errors.Count == 0)
            Type();
        return _values;
    }

    private void Object(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 16 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            errors[CloudFile.Field] = $"This is another kind of file: {Expected}.";
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            // Fields that are new at Google, such as universe_domain, are none of ours.
            if (!s_known.Contains(name))
                reader.Skip();
            else if (!seen.Add(name))
                Refuse(ref reader, name, $"{name} is in the file twice. Download the key file again.");
            else if (reader.TokenType != JsonTokenType.String)
                Refuse(ref reader, name, $"{name} is not a text in the file. Download the key file again.");
            else
                _values[name] = reader.GetString()!;
        }

        // Anything behind the end is an exception.
        reader.Read();
    }

    private void Refuse(ref Utf8JsonReader reader, string name, string sentence)
    {
        errors[name] = sentence;
        reader.Skip();
    }

    private void Type()
    {
        if (!_values.TryGetValue("type", out var type))
            errors[CloudFile.Field] = $"The file has no type: {Expected}. One for an OAuth client is another.";
        else if (GoogleType.KeyType(type) is { } wrong)
            errors["type"] = wrong;
    }
}
