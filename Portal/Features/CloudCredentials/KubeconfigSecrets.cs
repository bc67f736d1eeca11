using System.Text;
using Portal.Shell;

namespace Portal.Features.CloudCredentials;

/// <summary>Reads the certificates, keys and tokens of a kubeconfig.</summary>
internal sealed class KubeconfigSecrets(Mistakes mistakes)
{
    private const int MostCertificates = 20;
    private const int LongestToken = 16 * 1024;

    // What kubectl prints in place of secrets.
    private static readonly string[] s_blanked = ["DATA+OMITTED", "REDACTED"];

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns>X.509 in DER.</returns>
    public IReadOnlyList<ReadOnlyMemory<byte>> Authorities(YamlMap cluster)
    {
        const string Key = "certificate-authority-data";
        if (Data(cluster, Key) is not { } text)
            return [];
        var certificates = Pem.Certificates(text, MostCertificates, out var wrong);
        if (wrong is not null)
            mistakes.Add(cluster.Given(Key)!.Line, $"{Key} {wrong}");
        ReadOnlyMemory<byte>[] found = [.. (certificates ?? []).Select(certificate => new ReadOnlyMemory<byte>(certificate.RawData))];
        Pem.Release(certificates);
        return found;
    }

    public string? Token(YamlMap user)
    {
        if (Given(user, "token") is not { } text)
            return null;
        var token = text.Value.Trim();
        if (token.Length <= LongestToken && token.All(letter => letter is > ' ' and <= '~'))
            return token;
        mistakes.Add(text.Line, $"token is no token: it has letters without blanks, at most {LongestToken}");
        return null;
    }

    public (string? Certificate, string? Key) Client(YamlMap user)
    {
        const string CertificateKey = "client-certificate-data";
        const string KeyKey = "client-key-data";
        var (certificateText, keyText) = (Data(user, CertificateKey), Data(user, KeyKey));
        if (certificateText is null || keyText is null)
        {
            if ((user.Given(CertificateKey) is null) != (user.Given(KeyKey) is null))
                mistakes.Add(user.Line, $"{CertificateKey} and {KeyKey} belong together; one is missing");
            return (null, null);
        }

        var certificates = Pem.Certificates(certificateText, MostCertificates, out var certificateWrong);
        using var key = Pem.Key(keyText, out var keyWrong);
        if (certificateWrong is not null)
            mistakes.Add(user.Given(CertificateKey)!.Line, $"{CertificateKey} {certificateWrong}");
        if (keyWrong is not null)
            mistakes.Add(user.Given(KeyKey)!.Line, $"{KeyKey} {keyWrong}");
        if (certificates is not null && key is not null && !key.BelongsTo(certificates[0]))
            mistakes.Add(user.Given(KeyKey)!.Line, $"{KeyKey} is not the key of the certificate in {CertificateKey}");
        Pem.Release(certificates);
        return (certificateText, keyText);
    }

    private string? Data(YamlMap map, string key)
    {
        if (Given(map, key) is not { } text)
            return null;
        try
        {
            return s_strict.GetString(Convert.FromBase64String(text.Value));
        }
        catch (Exception exception) when (exception is FormatException or DecoderFallbackException)
        {
            mistakes.Add(text.Line, $"{key} is not PEM in base64");
            return null;
        }
    }

    private YamlText? Given(YamlMap map, string key)
    {
        if (map.Given(key) is not { } node)
            return null;
        if (map.Text(key) is not { } text)
            mistakes.Add(node.Line, $"{key} is {node.Kind}; a text belongs here");
        else if (s_blanked.Contains(text.Value))
            mistakes.Add(text.Line, $"{key} was left out by kubectl; print the file with --raw: kubectl config view --raw --minify --flatten");
        else
            return text;
        return null;
    }
}

internal static class KubeconfigNodes
{
    /// <summary>Null when the key is absent or empty, which are one for kubectl.</summary>
    public static YamlNode? Given(this YamlMap map, string key) =>
        map.Pairs.FirstOrDefault(pair => pair.Key.Value == key).Value is { } node && node is not (YamlText { IsNothing: true } or YamlText { Value: "" } or YamlList { Items.Count: 0 }) ? node : null;

    public static YamlText? Text(this YamlMap map, string key) => map.Given(key) as YamlText;
}
