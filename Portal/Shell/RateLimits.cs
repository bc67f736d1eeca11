using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Portal.Shell;

/// <summary>Answers 429 with <c>Retry-After</c> to those who call too often. A bucket that fills up evenly: short bursts are fine.</summary>
public static class RateLimits
{
    private const int AddressCallsPerMinute = 300;

    /// <param name="callsOfToken">Read at each start of a bucket; zero is without a limit.</param>
    public static IServiceCollection AddRateLimits(
        this IServiceCollection services, Func<IServiceProvider, int> callsOfToken, Func<HttpContext, string> tokenOf) => services.AddRateLimiter(options =>
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.AddPolicy(ApiRoutes.TokenLimit, context => Bucket(tokenOf(context), callsOfToken(context.RequestServices)));
        options.AddPolicy(ApiRoutes.AddressLimit, context => Bucket(NetworkOf(context.Connection.RemoteIpAddress), AddressCallsPerMinute));
        options.AddPolicy(ApiRoutes.HostsLimit, context => Bucket(
            NetworkOf(context.Connection.RemoteIpAddress), context.RequestServices.GetRequiredService<IOptions<PortalOptions>>().Value.HostCallsPerMinute));
        options.OnRejected = RefuseAsync;
    });

    private static RateLimitPartition<string> Bucket(string caller, int perMinute) => perMinute == 0
        ? RateLimitPartition.GetNoLimiter(caller)
        : RateLimitPartition.GetTokenBucketLimiter(caller, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = perMinute,
            TokensPerPeriod = Math.Max(1, perMinute / 60),
            ReplenishmentPeriod = perMinute >= 60 ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(60d / perMinute),
            QueueLimit = 0,
        });

    // Whoever has one IPv6 address has a /64 of them.
    private static string NetworkOf(IPAddress? address) =>
        address is null ? "" : address.GetAddressBytes() is { Length: 16 } bytes && !address.IsIPv4MappedToIPv6 ? Convert.ToHexString(bytes, 0, 8) : address.ToString();

    private static async ValueTask RefuseAsync(OnRejectedContext context, CancellationToken cancellationToken)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
        context.HttpContext.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        await Problems.Of(StatusCodes.Status429TooManyRequests, "too-many-calls", $"Too many calls. Try again in {wait} s.").ExecuteAsync(context.HttpContext);
    }
}
