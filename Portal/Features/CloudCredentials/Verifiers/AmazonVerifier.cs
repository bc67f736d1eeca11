using System.Text.RegularExpressions;
using Amazon;
using Amazon.EC2;
using Amazon.EC2.Model;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Portal.Outbound;

namespace Portal.Features.CloudCredentials.Verifiers;

/// <summary>Whose key it is, and whether it may do the least of things in its region.</summary>
internal sealed partial class AmazonVerifier(CloudCalls calls) : CloudVerifier(calls)
{
    private const string DefaultRegion = "us-east-1";
    private const string Domain = "amazonaws.com";

    public override string Type => "amazon";

    protected override string Cloud => "Amazon Web Services";

    protected override IEnumerable<string?> Secrets(IReadOnlyDictionary<string, string> values) => [values.GetValueOrDefault("AWS_SECRET_ACCESS_KEY")];

    protected override async Task<CloudVerdict> AskAsync(IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        var region = values.GetValueOrDefault("AWS_REGION", DefaultRegion);
        // It becomes a part of a host's name.
        if (!Region().IsMatch(region))
            return new CloudVerdict.Bad($"AWS_REGION is no region of {Cloud}: one is such as {DefaultRegion}.");
        var key = new BasicAWSCredentials(Line(values, "AWS_ACCESS_KEY_ID"), Line(values, "AWS_SECRET_ACCESS_KEY"));

        using var sts = new AmazonSecurityTokenServiceClient(key, Configure(new AmazonSecurityTokenServiceConfig(), Endpoints.Sts, region));
        var caller = await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), cancellationToken);
        if (string.IsNullOrEmpty(caller.Account))
            return CloudAnswer.Nonsense(Cloud);
        var identity = CloudWords.Facts(("Account", caller.Account), ("ARN", caller.Arn), ("User id", caller.UserId), ("Region", region));

        using var ec2 = new AmazonEC2Client(key, Configure(new AmazonEC2Config(), Endpoints.Ec2, region));
        return await RegionAsync(ec2, region, identity, cancellationToken);
    }

    protected override CloudVerdict? Refusal(Exception exception) => exception switch
    {
        AmazonServiceException { StatusCode: var status } when CloudAnswer.Outage(Cloud, (int)status) is { } outage => outage,
        AmazonServiceException { ErrorCode: { Length: > 0 } code } => Refusal(code, []),
        _ => null,
    };

    private async Task<CloudVerdict> RegionAsync(AmazonEC2Client ec2, string region, List<CloudFact> identity, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await ec2.DescribeRegionsAsync(new DescribeRegionsRequest(), cancellationToken);
            string[] enabled = [.. (answer.Regions ?? []).Select(enabled => enabled.RegionName).OfType<string>()];
            if (enabled.Length == 0)
                return CloudAnswer.Nonsense(Cloud);
            return enabled.Contains(region)
                ? new CloudVerdict.Good(identity)
                : new CloudVerdict.Bad($"The account has not enabled the region {region}.", [$"Region {region}"], identity);
        }
        catch (AmazonServiceException refused) when ((int)refused.StatusCode is >= 400 and < 500 and not 429 && refused.ErrorCode is { Length: > 0 } code)
        {
            return Refusal(code, identity);
        }
    }

    private CloudVerdict Refusal(string code, List<CloudFact> identity) => code switch
    {
        "InvalidClientTokenId" or "AuthFailure" or "UnrecognizedClientException" => new CloudVerdict.Bad(
            $"{Cloud} does not know the access key in that region: it was deleted or made inactive, or the region is not enabled for its account.", [], identity),
        "SignatureDoesNotMatch" or "IncompleteSignature" => new CloudVerdict.Bad("The secret access key is not that of the access key ID.", [], identity),
        "ExpiredToken" or "ExpiredTokenException" => new CloudVerdict.Bad("The access key is one for a short time, and that is over.", [], identity),
        "UnauthorizedOperation" => new CloudVerdict.Bad(
            "The key is good, but may not look at the regions of its account.", ["The permission ec2:DescribeRegions"], identity),
        "AccessDenied" or "AccessDeniedException" => new CloudVerdict.Bad($"{Cloud} knows the key and denies it the call.", [], identity),
        "OptInRequired" or "RegionDisabledException" or "RegionDisabled" or "SubscriptionRequiredException" => new CloudVerdict.Bad(
            "The account is not signed up for the service in that region, or the region is not enabled for it.", [], identity),
        "RequestExpired" or "RequestTimeTooSkewed" => new CloudVerdict.Unreachable($"The clocks of the portal and of {Cloud} differ too much."),
        "Throttling" or "ThrottlingException" or "RequestLimitExceeded" => new CloudVerdict.Unreachable($"{Cloud} says that it is asked too often."),
        _ => new CloudVerdict.Bad($"{Cloud} refuses the key ({CloudWords.Short(code)}).", [], identity),
    };

    private T Configure<T>(T config, string endpoint, string region)
        where T : ClientConfig
    {
        var address = new Uri(endpoint.Replace("{region}", region, StringComparison.Ordinal));
        if (endpoint.EndsWith($".{Domain}", StringComparison.OrdinalIgnoreCase))
            address = new UriBuilder(address) { Host = address.Host[..^Domain.Length] + RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix }.Uri;
        // Nothing of it comes from this machine's environment or files, where an address or a mode might stand that is meant for others.
        config.ServiceURL = address.AbsoluteUri;
        config.AuthenticationRegion = region;
        config.IgnoreConfiguredEndpointUrls = true;
        config.UseFIPSEndpoint = false;
        config.UseDualstackEndpoint = false;
        config.DefaultConfigurationMode = DefaultConfigurationMode.Standard;
        config.RetryMode = RequestRetryMode.Standard;
        config.MaxErrorRetry = 1;
        config.ThrottleRetries = false;
        config.AllowAutoRedirect = false;
        config.DisableLogging = true;
        config.LogResponse = false;
        config.HttpClientFactory = new Factory(Clients, address);
        return config;
    }

    [GeneratedRegex(@"^[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}\z")]
    private static partial Regex Region();

    private sealed class Factory(OutboundClients clients, Uri address) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => clients.ForSettings(address);

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
