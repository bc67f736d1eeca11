using System.Net;
using System.Text.Json.Nodes;

namespace Portal.Features.CloudCredentials.Verifiers;

internal sealed class CloudflareVerifier(CloudCalls calls) : CloudVerifier(calls)
{
    private const string Key = "CF_API_KEY";

    public override string Type => "cloudflare";

    protected override string Cloud => "Cloudflare";

    protected override IEnumerable<string?> Secrets(IReadOnlyDictionary<string, string> values) => [values.GetValueOrDefault(Key)];

    protected override async Task<CloudVerdict> AskAsync(IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        var at = new Uri($"{Endpoints.Cloudflare.TrimEnd('/')}/client/v4/user");
        using var request = new HttpRequestMessage(HttpMethod.Get, at);
        request.Headers.TryAddWithoutValidation("X-Auth-Email", Line(values, "CF_API_EMAIL"));
        request.Headers.TryAddWithoutValidation("X-Auth-Key", Line(values, Key));
        var answer = await SendAsync(Clients.ForSettings(at), request, cancellationToken);
        // It says 400 for a key that cannot be one, and 403 for one that is not known.
        if (answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            return new CloudVerdict.Bad($"{Cloud} does not know that key of that e-mail address: it was changed, or belongs to another user.");
        if (!answer.IsGood)
            return new CloudVerdict.Bad($"{Cloud} refuses the key ({(int)answer.Status}).");
        if (answer.Node("success") is not JsonValue success || !success.TryGetValue<bool>(out var isGood) || !isGood || answer.Text("result", "id") is not { } id)
            return CloudAnswer.Nonsense(Cloud);

        var identity = CloudWords.Facts(("User", answer.Text("result", "email")), ("User id", id));
        return answer.Node("result", "suspended") is JsonValue value && value.TryGetValue<bool>(out var isSuspended) && isSuspended
            ? new CloudVerdict.Bad($"{Cloud} has suspended the user.", [], identity)
            : new CloudVerdict.Good(identity);
    }
}
