using System.Net;

namespace Portal.Features.CloudCredentials.Verifiers;

internal sealed class DigitalOceanVerifier(CloudCalls calls) : CloudVerifier(calls)
{
    private const string Token = "DO_TOKEN";

    public override string Type => "digitalocean";

    protected override string Cloud => "DigitalOcean";

    protected override IEnumerable<string?> Secrets(IReadOnlyDictionary<string, string> values) => [values.GetValueOrDefault(Token)];

    protected override async Task<CloudVerdict> AskAsync(IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        var at = new Uri($"{Endpoints.DigitalOcean.TrimEnd('/')}/v2/account");
        using var request = new HttpRequestMessage(HttpMethod.Get, at);
        request.Headers.Authorization = new("Bearer", Line(values, Token));
        var answer = await SendAsync(Clients.ForSettings(at), request, cancellationToken);
        if (answer.Status == HttpStatusCode.Unauthorized)
            return new CloudVerdict.Bad($"{Cloud} does not know the token: it was deleted, or is over.");
        if (answer.Status == HttpStatusCode.Forbidden)
            return new CloudVerdict.Bad($"{Cloud} knows the token, which may not look at its own account.", ["The scope account:read"], []);
        if (!answer.IsGood)
            return new CloudVerdict.Bad($"{Cloud} refuses the token ({(int)answer.Status}).");
        if ((answer.Text("account", "uuid") ?? answer.Text("account", "email")) is null)
            return CloudAnswer.Nonsense(Cloud);

        var identity = CloudWords.Facts(
            ("Account", answer.Text("account", "email")), ("Account id", answer.Text("account", "uuid")), ("Team", answer.Text("account", "team", "name")));
        return answer.Text("account", "status") is "locked"
            ? new CloudVerdict.Bad($"{Cloud} has locked the account.", [], identity)
            : new CloudVerdict.Good(identity);
    }
}
