using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;

namespace Portal.Features.CloudCredentials.Verifiers;

/// <summary>Signs in as the service account, and looks whether its project has what clusters are made of. Addresses in the account's file are ignored.</summary>
internal sealed partial class GoogleVerifier(CloudCalls calls) : CloudVerifier(calls)
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform.read-only";

    // Either name of storage will do.
    private static readonly (string Title, string[] Names)[] s_services =
    [
        ("Compute Engine API (compute.googleapis.com)", ["compute.googleapis.com"]),
        ("Kubernetes Engine API (container.googleapis.com)", ["container.googleapis.com"]),
        ("Cloud Storage (storage-component.googleapis.com)", ["storage-component.googleapis.com", "storage.googleapis.com"]),
        ("IAM Service Account Credentials API (iamcredentials.googleapis.com)", ["iamcredentials.googleapis.com"]),
        ("Cloud Resource Manager API (cloudresourcemanager.googleapis.com)", ["cloudresourcemanager.googleapis.com"]),
    ];

    public override string Type => "google";

    protected override string Cloud => "Google Cloud";

    protected override IEnumerable<string?> Secrets(IReadOnlyDictionary<string, string> values) => [values.GetValueOrDefault("private_key")];

    protected override async Task<CloudVerdict> AskAsync(IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        var project = values.GetValueOrDefault("project_id", "");
        if (!Project().IsMatch(project))
            return new CloudVerdict.Bad("project_id is no project of Google Cloud.");
        var account = Line(values, "client_email");
        var token = await TokenAsync(account, values, cancellationToken);
        var identity = CloudWords.Facts(("Project", project), ("Service account", account), ("Key id", values.GetValueOrDefault("private_key_id")));

        var about = await GetAsync(Endpoints.GoogleResourceManager, $"v3/projects/{project}", token, cancellationToken);
        if (!about.IsGood)
        {
            return Lacks(about)
                ? new CloudVerdict.Bad("The project lacks services: enable them there.", [NotEnabled(s_services[^1].Title)], identity)
                : new CloudVerdict.Bad(
                    "The service account can sign in, but cannot see its project: it lacks a role there, such as Viewer.", [$"Access to the project {project}"], identity);
        }

        if (about.Text("state") is not { } state)
            return CloudAnswer.Nonsense(Cloud);
        return state == "ACTIVE"
            ? await ServicesAsync(project, token, identity, cancellationToken)
            : new CloudVerdict.Bad($"The project is not active ({CloudWords.Short(state)}).", [], identity);
    }

    protected override CloudVerdict? Refusal(Exception exception)
    {
        if (exception is not TokenResponseException refused)
            return null;
        if (CloudAnswer.Outage(Cloud, (int)(refused.StatusCode ?? 0)) is { } outage)
            return outage;
        return refused.Error?.Error switch
        {
            "invalid_grant" => new CloudVerdict.Bad("Google Cloud does not take the key: it was deleted or disabled, or is not one of that service account."),
            "invalid_client" or "unauthorized_client" or "access_denied" or "deleted_client" or "disabled_client" =>
                new CloudVerdict.Bad("Google Cloud does not let the service account sign in: it was deleted or disabled."),
            _ => null,
        };
    }

    private async Task<CloudVerdict> ServicesAsync(string project, string token, List<CloudFact> identity, CancellationToken cancellationToken)
    {
        var names = string.Join('&', s_services.SelectMany(service => service.Names).Select(name => $"names=projects/{project}/services/{name}"));
        var answer = await GetAsync(Endpoints.GoogleServiceUsage, $"v1/projects/{project}/services:batchGet?{names}", token, cancellationToken);
        if (!answer.IsGood)
        {
            return new CloudVerdict.Bad(
                "The services of the project cannot be seen.",
                [Lacks(answer) ? NotEnabled("Service Usage API (serviceusage.googleapis.com)") : "The permission serviceusage.services.get"], identity);
        }

        if (answer.Node("services") is not JsonArray services)
            return CloudAnswer.Nonsense(Cloud);
        var enabled = services.OfType<JsonObject>()
            .Where(service => service["state"]?.ToString() == "ENABLED")
            .Select(service => service["name"]?.ToString().Split('/')[^1])
            .ToHashSet();
        string[] missing = [.. s_services.Where(service => !service.Names.Any(enabled.Contains)).Select(service => NotEnabled(service.Title))];
        return missing.Length == 0
            ? new CloudVerdict.Good(identity)
            : new CloudVerdict.Bad("The project lacks services: enable them there.", missing, identity);
    }

    private async Task<string> TokenAsync(string account, IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        var at = new Uri(Endpoints.GoogleToken);
        var initializer = new ServiceAccountCredential.Initializer(account, at.AbsoluteUri)
        {
            KeyId = values.GetValueOrDefault("private_key_id"),
            ProjectId = values.GetValueOrDefault("project_id"),
            Scopes = [Scope],
            HttpClientFactory = new Factory(Clients.HandlerForSettings(at)),
            DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
        };
        try
        {
            initializer.FromPrivateKey(values.GetValueOrDefault("private_key", ""));
        }
        catch (Exception)
        {
            throw new CloudVerdictException(new CloudVerdict.Bad("private_key is no private key: expected PEM, as the file has it."));
        }

        var credential = new ServiceAccountCredential(initializer);
        await credential.RequestAccessTokenAsync(cancellationToken);
        return credential.Token?.AccessToken is { Length: > 0 } token ? token : throw new CloudVerdictException(CloudAnswer.Nonsense(Cloud));
    }

    private async Task<CloudAnswer> GetAsync(string endpoint, string path, string token, CancellationToken cancellationToken)
    {
        var at = new Uri($"{endpoint.TrimEnd('/')}/{path}");
        using var request = new HttpRequestMessage(HttpMethod.Get, at);
        request.Headers.Authorization = new("Bearer", token);
        var answer = await SendAsync(Clients.ForSettings(at), request, cancellationToken);
        return answer.Status == HttpStatusCode.Unauthorized
            ? throw new CloudVerdictException(new CloudVerdict.Bad("Google Cloud signs the service account in and then does not take its token."))
            : answer;
    }

    private static bool Lacks(CloudAnswer answer) => answer.Status == HttpStatusCode.Forbidden
        && answer.Node("error", "details") is JsonArray details
        && details.OfType<JsonObject>().Any(detail => detail["reason"]?.ToString() == "SERVICE_DISABLED");

    private static string NotEnabled(string service) => $"{service} is not enabled";

    [GeneratedRegex(@"^(?:[a-z0-9.-]{1,60}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]\z")]
    private static partial Regex Project();

    /// <summary>The portal's own way out, with nothing of the library's around it.</summary>
    private sealed class Factory(HttpMessageHandler handler) : Google.Apis.Http.IHttpClientFactory
    {
        public ConfigurableHttpClient CreateHttpClient(CreateHttpClientArgs args) =>
            new(new ConfigurableMessageHandler(handler) { NumTries = 1, FollowRedirect = false, ApplicationName = "portal" });
    }
}
