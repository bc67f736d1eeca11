using System.Net;
using System.Text.RegularExpressions;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Microsoft.Identity.Client;
using Portal.Features.CloudCredentials.Types;

namespace Portal.Features.CloudCredentials.Verifiers;

/// <summary>Signs in as the application, and looks whether its subscription has what clusters are made of.</summary>
internal sealed partial class AzureVerifier(CloudCalls calls) : CloudVerifier(calls)
{
    private static readonly string[] s_providers = ["Microsoft.Compute", "Microsoft.ContainerService", "Microsoft.Network", "Microsoft.Storage"];

    public override string Type => "azure";

    protected override string Cloud => "Azure";

    protected override IEnumerable<string?> Secrets(IReadOnlyDictionary<string, string> values) => [values.GetValueOrDefault("AZURE_CLIENT_SECRET")];

    protected override async Task<CloudVerdict> AskAsync(IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        var (tenant, client, subscription) = (Tenant(values), Id(values, "AZURE_CLIENT_ID"), Id(values, "AZURE_SUBSCRIPTION_ID"));
        var secret = values.GetValueOrDefault("AZURE_CLIENT_SECRET");
        if (string.IsNullOrEmpty(secret))
            return new CloudVerdict.Bad("AZURE_CLIENT_SECRET is missing.");

        var credential = new ClientSecretCredential(tenant, $"{client}", secret, Options());
        var management = new Uri(Endpoints.AzureManagement.TrimEnd('/'));
        var token = await credential.GetTokenAsync(new TokenRequestContext([$"{management.AbsoluteUri.TrimEnd('/')}/.default"]), cancellationToken);

        Task<CloudAnswer> GetAsync(string path) => AskAsync(management, $"subscriptions/{subscription}{path}", token.Token, cancellationToken);
        var identity = CloudWords.Facts(("Subscription", $"{subscription}"), ("Tenant", tenant), ("Application", $"{client}"));
        var about = await GetAsync("?api-version=2022-12-01");
        if (!about.IsGood)
        {
            return new CloudVerdict.Bad(
                "The application can sign in, but cannot see the subscription: it has no role there, or there is no such subscription in its tenant.",
                [$"Access to the subscription {subscription}"], identity);
        }

        if (about.Text("state") is not { } state)
            return CloudAnswer.Nonsense(Cloud);
        identity = CloudWords.Facts(("Subscription", $"{about.Text("displayName")} ({subscription})".Trim()), ("Tenant", tenant), ("Application", $"{client}"));
        if (state != "Enabled")
            return new CloudVerdict.Bad($"The subscription is not enabled ({CloudWords.Short(state)}).", [], identity);

        var missing = await Task.WhenAll(s_providers.Select(async provider => Missing(provider, await GetAsync($"/providers/{provider}?api-version=2021-04-01"))));
        string[] all = [.. missing.OfType<string>()];
        return all.Length == 0
            ? new CloudVerdict.Good(identity)
            : new CloudVerdict.Bad("The subscription lacks resource providers: register them there.", all, identity);
    }

    protected override CloudVerdict? Refusal(Exception exception)
    {
        if (exception is not AuthenticationFailedException)
            return null;
        var status = exception.InnerException is MsalServiceException answered ? answered.StatusCode : 0;
        if (CloudAnswer.Outage(Cloud, status) is { } outage)
            return outage;
        // The rest of its words is for those who call it.
        return Code().Match($"{exception.Message} {exception.InnerException?.Message}") is { Success: true } code ? Refusal(code.Value) : null;
    }

    private static CloudVerdict.Bad Refusal(string code) => code switch
    {
        "AADSTS7000215" => new("The client secret is not one of the application: give the secret's value, not its id."),
        "AADSTS7000222" => new("The client secret is over: make the application another."),
        "AADSTS700016" or "AADSTS7000112" => new("The tenant has no application of that client id, or it is disabled."),
        "AADSTS90002" or "AADSTS900023" => new("Azure knows no such tenant."),
        _ => new($"Azure does not let the application sign in ({code})."),
    };

    private static string? Missing(string provider, CloudAnswer answer) => answer switch
    {
        { IsGood: false } => $"{provider} cannot be seen",
        _ => answer.Text("registrationState") == "Registered" ? null : $"{provider} is not registered",
    };

    private async Task<CloudAnswer> AskAsync(Uri management, string path, string token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{management.AbsoluteUri.TrimEnd('/')}/{path}"));
        request.Headers.Authorization = new("Bearer", token);
        var answer = await SendAsync(Clients.ForSettings(management), request, cancellationToken);
        return answer.Status == HttpStatusCode.Unauthorized
            ? throw new CloudVerdictException(new CloudVerdict.Bad("Azure signs the application in and then does not take its token."))
            : answer;
    }

    private ClientSecretCredentialOptions Options()
    {
        var authority = new Uri(Endpoints.AzureAuthority);
        return new ClientSecretCredentialOptions
        {
            AuthorityHost = authority,
            // It would ask another address whether this one is Azure.
            DisableInstanceDiscovery = true,
            Transport = new HttpClientTransport(Clients.ForSettings(authority)),
            Retry = { MaxRetries = 0 },
            IsUnsafeSupportLoggingEnabled = false,
            Diagnostics = { IsLoggingEnabled = false, IsLoggingContentEnabled = false, IsDistributedTracingEnabled = false, IsTelemetryEnabled = false },
        };
    }

    // It becomes part of an address.
    private static string Tenant(IReadOnlyDictionary<string, string> values) => values.GetValueOrDefault("AZURE_TENANT_ID") is { } tenant && AzureType.IsTenant(tenant)
        ? tenant
        : throw new CloudVerdictException(new CloudVerdict.Bad("AZURE_TENANT_ID is neither an id of Azure, such as 00000000-0000-0000-0000-000000000000, nor a domain."));

    private static Guid Id(IReadOnlyDictionary<string, string> values, string field) => Guid.TryParseExact(values.GetValueOrDefault(field), "D", out var id)
        ? id
        : throw new CloudVerdictException(new CloudVerdict.Bad($"{field} is no id of Azure: one has the form 00000000-0000-0000-0000-000000000000."));

    [GeneratedRegex(@"AADSTS\d{4,9}")]
    private static partial Regex Code();
}
