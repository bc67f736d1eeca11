using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Portal.Vault;

namespace Portal.Features.CloudCredentials.Verifiers;

internal sealed class VaultVerifier(CloudCalls calls, IOptions<VaultOptions> own) : CloudVerifier(calls)
{
    private const string Token = "token";

    public override string Type => "vault";

    protected override string Cloud => "Vault";

    protected override IEnumerable<string?> Secrets(IReadOnlyDictionary<string, string> values) => [values.GetValueOrDefault(Token)];

    protected override async Task<CloudVerdict> AskAsync(IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        var address = Endpoints.Vault ?? own.Value.Address!.AbsoluteUri;
        var at = new Uri($"{address.TrimEnd('/')}/v1/auth/token/lookup-self");
        using var request = new HttpRequestMessage(HttpMethod.Get, at);
        request.Headers.Add("X-Vault-Request", "true");
        request.Headers.TryAddWithoutValidation("X-Vault-Token", Line(values, Token));
        var answer = await SendAsync(Clients.ForSettings(at, Endpoints.Vault is null ? own.Value.CaFile : null), request, cancellationToken);
        if (answer.Status == HttpStatusCode.Forbidden)
            return new CloudVerdict.Bad("Vault does not know the token: it was revoked, or is over. Or it is one whose policies do not let it look at itself.");
        // 472 and 473 are said by servers that stand by.
        if ((int)answer.Status is 472 or 473)
            return new CloudVerdict.Unreachable($"Vault stands by for another ({(int)answer.Status}).");
        if (!answer.IsGood)
            return new CloudVerdict.Bad($"Vault refuses the token ({(int)answer.Status}).");
        if (answer.Node("data") is not JsonObject || answer.Text("data", "path") is null)
            return CloudAnswer.Nonsense(Cloud);

        var policies = answer.Node("data", "policies") is JsonArray several ? string.Join(", ", several.Select(policy => $"{policy}")) : null;
        return new CloudVerdict.Good(CloudWords.Facts(
            ("Display name", answer.Text("data", "display_name")), ("Policies", policies), ("Ends", answer.Text("data", "expire_time"))));
    }
}
