using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Vault;

namespace Portal.Sandbox;

/// <summary>The flags that name another Vault or Kubernetes API than the sandbox's own.</summary>
/// <param name="environment">By name, as tokens may come by it too.</param>
internal sealed class OutsideFlags(List<string> mistakes, Func<string, string?> environment)
{
    private readonly Dictionary<string, string> _given = new(StringComparer.Ordinal);

    public void AddTo(FlagReader flags)
    {
        foreach (var flag in (string[])
            [
                "--vault", "--vault-token", "--vault-token-file", "--vault-ca", "--vault-prefix",
                "--kubernetes", "--kubernetes-token", "--kubernetes-token-file", "--kubernetes-ca",
            ])
            flags.Value(flag, value => _given[flag] = value);
    }

    /// <summary>Null when none was named, or with a mistake.</summary>
    public VaultAccess? Vault()
    {
        if (!IsNamed("--vault", "the address of that Vault"))
            return null;
        var address = Address("--vault", [Uri.UriSchemeHttp, Uri.UriSchemeHttps]);
        var token = Token("--vault", "VAULT_TOKEN");
        var ca = _given.GetValueOrDefault("--vault-ca");
        if (ca is not null)
            Authorities("--vault-ca");
        if (address is null || token is null)
            return null;
        // As a Vault of other people may have a Kubernetes login of its own.
        var prefix = _given.GetValueOrDefault("--vault-prefix");
        var access = new VaultAccess(address, token) { CaFile = ca is null ? null : Path.GetFullPath(ca) };
        return prefix is null ? access : access with { Prefix = prefix, AuthPath = $"{prefix}-kubernetes" };
    }

    /// <summary>Null when none was named, or with a mistake.</summary>
    public KubernetesAccess? Kubernetes()
    {
        if (!IsNamed("--kubernetes", "the address of that API"))
            return null;
        var address = Address("--kubernetes", [Uri.UriSchemeHttps]);
        var token = Token("--kubernetes", "KUBERNETES_TOKEN");
        if (!_given.ContainsKey("--kubernetes-ca"))
            mistakes.Add("--kubernetes needs --kubernetes-ca FILE too: the authority of that API, PEM.");
        var ca = _given.ContainsKey("--kubernetes-ca") ? Authorities("--kubernetes-ca") : null;
        return address is null || token is null || ca is null ? null : new KubernetesAccess(address, ca, token);
    }

    private bool IsNamed(string flag, string what)
    {
        if (_given.ContainsKey(flag))
            return true;
        foreach (var other in _given.Keys.Where(other => other.StartsWith($"{flag}-", StringComparison.Ordinal)))
            mistakes.Add($"{other} needs {flag} URL too: {what}.");
        return false;
    }

    private Uri? Address(string flag, string[] schemes)
    {
        if (Uri.TryCreate(_given[flag], UriKind.Absolute, out var address) && schemes.Contains(address.Scheme) && address is { PathAndQuery: "/", UserInfo: "" })
            return address;
        mistakes.Add($"{flag} is {string.Join(" or ", schemes)}, a host and a port, such as {schemes[^1]}://127.0.0.1:8200, and not {_given[flag]}.");
        return null;
    }

    private string? Token(string flag, string variable)
    {
        var (text, file) = (_given.GetValueOrDefault($"{flag}-token"), _given.GetValueOrDefault($"{flag}-token-file"));
        if (text is not null && file is not null)
            mistakes.Add($"Give {flag}-token or {flag}-token-file, not both.");
        else if (file is not null)
            text = FlagReader.Text($"{flag}-token-file", file, mistakes)?.Trim();
        else if ((text ??= environment(variable)) is null or "")
            mistakes.Add($"{flag} needs a token: {flag}-token-file FILE, {flag}-token T or the variable {variable}.");
        return text is { Length: > 0 } ? text : null;
    }

    private string? Authorities(string flag)
    {
        if (FlagReader.Text(flag, _given[flag], mistakes) is not { } text)
            return null;
        try
        {
            X509Certificate2Collection certificates = [];
            certificates.ImportFromPem(text);
            if (certificates.Count > 0)
                return text;
        }
        catch (CryptographicException)
        {
            // Told below.
        }

        mistakes.Add($"{flag}: {_given[flag]} holds no certificate that can be read: expected PEM.");
        return null;
    }
}
