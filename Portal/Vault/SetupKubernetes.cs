using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Portal.Vault;

/// <summary>The Kubernetes auth method and the roles by which the portal's service account logs in.</summary>
internal sealed partial class SetupKubernetes(SetupChanges changes, VaultNames names, SetupArguments arguments)
{
    private const int TokenSeconds = 20 * 60;
    private const int LongestTokenSeconds = 2 * 60 * 60;

    private string ConfigPath => $"auth/{names.AuthPath}/config";

    public async Task RunAsync(IEnumerable<VaultRole> roles, CancellationToken cancellationToken)
    {
        string? description = null;
        await changes.StepAsync(async () => description = await EnableAsync(cancellationToken));
        if (description is null)
            return;
        await changes.StepAsync(() => ConfigureAsync(description, cancellationToken));
        foreach (var role in roles)
            await changes.StepAsync(() => RoleAsync(role, cancellationToken));
    }

    /// <returns>The auth method's description; <see langword="null"/> when it cannot be used.</returns>
    private async Task<string?> EnableAsync(CancellationToken cancellationToken)
    {
        var methods = await changes.ReadAsync("sys/auth", cancellationToken);
        if (methods?[$"{names.AuthPath}/"] is JsonObject there)
        {
            if (there["type"].Text() == "kubernetes")
                return there["description"].Text() ?? "";
            changes.Mistake(
                $"auth/{names.AuthPath}/ is an auth method of type {there["type"].Text()}, not kubernetes: choose another Vault:AuthPath.");
            return null;
        }
        var description = Describe("Vault Portal");
        var body = new JsonObject { ["type"] = "kubernetes", ["description"] = description };
        await changes.WriteAsync($"+ auth method {names.AuthPath} (kubernetes)", $"sys/auth/{names.AuthPath}", body, cancellationToken);
        return description;
    }

    // How Vault reaches the Kubernetes API may be somebody else's to say: without flags an existing configuration stays.
    private async Task ConfigureAsync(string description, CancellationToken cancellationToken)
    {
        var there = await changes.ReadAsync(ConfigPath, cancellationToken);
        var configured = there?["kubernetes_host"].Text() is { Length: > 0 };
        if (arguments.KubernetesHost is null && !configured)
        {
            changes.Mistake(
                $"{ConfigPath} names no Kubernetes API yet: give --kubernetes-host, as Vault reaches it, such as https://kubernetes.default.svc.");
            return;
        }
        if (arguments is { KubernetesHost: null, KubernetesCa: null, ReviewerToken: null })
            return;
        var wanted = Config(there);
        var described = Describe(description);
        if (configured && described == description && !SetupJson.Differs(there!, wanted))
            return;
        if (arguments.ReviewerToken is null && Reviewer().IsMatch(description))
        {
            changes.Mistake(
                $"{ConfigPath} has to change, and Vault would forget the reviewer's token: give --token-reviewer-jwt-file too.");
            return;
        }
        if (arguments.ReviewerToken is not null)
            wanted["token_reviewer_jwt"] = arguments.ReviewerToken;
        await changes.WriteAsync($"{(configured ? '~' : '+')} {ConfigPath}", ConfigPath, wanted, cancellationToken);
        if (described != description)
        {
            var tuning = new JsonObject { ["description"] = described };
            var path = $"sys/auth/{names.AuthPath}/tune";
            await changes.WriteAsync($"~ auth method {names.AuthPath} (description)", path, tuning, cancellationToken);
        }
    }

    // Vault replaces the whole configuration, so what no flag says is written as it was. The issuer differs between clusters,
    // and the token review tells all that counts: newer servers do not look at it by themselves.
    private JsonObject Config(JsonObject? there)
    {
        var config = new JsonObject
        {
            ["kubernetes_host"] = arguments.KubernetesHost?.OriginalString ?? there?["kubernetes_host"].Text(),
            ["disable_iss_validation"] = true,
        };
        if ((arguments.KubernetesCa ?? there?["kubernetes_ca_cert"].Text()) is { Length: > 0 } authority)
            config["kubernetes_ca_cert"] = authority;
        return config;
    }

    private async Task RoleAsync(VaultRole role, CancellationToken cancellationToken)
    {
        var name = names.Role(role);
        var path = $"auth/{names.AuthPath}/role/{name}";
        var wanted = new JsonObject
        {
            ["bound_service_account_names"] = new JsonArray(arguments.ServiceAccount),
            ["bound_service_account_namespaces"] = new JsonArray(arguments.Namespace),
            ["token_policies"] = new JsonArray(name),
            ["token_no_default_policy"] = true,
            ["token_ttl"] = TokenSeconds,
            ["token_max_ttl"] = LongestTokenSeconds,
        };
        var there = await changes.ReadAsync(path, cancellationToken);
        if (there is null || SetupJson.Differs(there, wanted))
            await changes.WriteAsync($"{(there is null ? '+' : '~')} kubernetes role {name}", path, wanted, cancellationToken);
    }

    // Vault never shows the reviewer token, so its fingerprint goes into the auth method's description to compare the next time.
    private string Describe(string description)
    {
        if (arguments.ReviewerToken is null)
            return description;
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(arguments.ReviewerToken)))[..16];
        return $"{Reviewer().Replace(description, "")} (token reviewer {fingerprint})".Trim();
    }

    [GeneratedRegex(@" ?\(token reviewer [0-9a-f]{16}\)")]
    private static partial Regex Reviewer();
}
