using Microsoft.Extensions.Options;

namespace Portal.Vault;

/// <summary>Gets and renews tokens by Vault's Kubernetes auth method with the pod's service-account token.</summary>
public sealed class KubernetesLogin(VaultTransport transport, VaultNames names, IOptions<VaultOptions> options, TimeProvider time)
{
    private const string RenewPath = "auth/token/renew-self";

    public async Task<VaultLogin> LogInAsync(VaultRole role, CancellationToken cancellationToken)
    {
        var path = VaultPath.Of("auth", names.AuthPath, "login");
        var body = VaultJson.Write(new LoginBody(names.Role(role), await ReadTokenFileAsync(path, cancellationToken)), VaultJson.Default.LoginBody);
        var asked = time.GetUtcNow();
        try
        {
            var answer = await transport.SendAsync(new VaultRequest(HttpMethod.Post, path, body), token: null, cancellationToken);
            return VaultLogin.From(Auth(path, answer), life: null, asked);
        }
        catch (VaultException refusal) when (IsRefusal(refusal))
        {
            string[] errors = [.. refusal.Errors.Select(error => $"login as {names.Role(role)}: {error}")];
            throw new VaultException(VaultFailure.Denied, path, refusal.Status, errors);
        }
    }

    public async Task<VaultLogin> RenewAsync(VaultLogin login, CancellationToken cancellationToken)
    {
        var asked = time.GetUtcNow();
        var answer = await transport.SendAsync(new VaultRequest(HttpMethod.Post, RenewPath, "{}"u8.ToArray()), login.Token, cancellationToken);
        var auth = Auth(RenewPath, answer);
        return VaultLogin.From(auth with { ClientToken = login.Token }, login.Life, asked);
    }

    private static AuthData Auth(string path, byte[]? answer) =>
        VaultJson.Read(path, answer ?? [], VaultJson.Default.AuthAnswer).Auth is { ClientToken.Length: > 0 } auth
            ? auth
            : throw VaultErrors.NotUnderstood(path);

    // Older servers answer 500 when the service account is not the role's, 400 when the role or the auth method is not there.
    private static bool IsRefusal(VaultException failure) =>
        failure.Failure is VaultFailure.Invalid or VaultFailure.Denied
        || failure.Status is 404
        || VaultErrors.Says(failure.Errors, "not authorized")
        || VaultErrors.Says(failure.Errors, "compact JWS");

    private async Task<string> ReadTokenFileAsync(string path, CancellationToken cancellationToken)
    {
        var file = options.Value.TokenFile;
        try
        {
            var token = (await File.ReadAllTextAsync(file, cancellationToken)).Trim();
            return token.Length > 0 ? token : throw Unusable(path, file, "is empty");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, file, "cannot be read");
        }
    }

    private static VaultException Unusable(string path, string file, string why) =>
        new(VaultFailure.Denied, path, null, [$"the service-account token file {file} (Vault:TokenFile) {why}"]);
}
