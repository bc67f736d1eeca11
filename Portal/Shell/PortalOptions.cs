using System.Net;
using Microsoft.Extensions.Options;

namespace Portal.Shell;

public sealed class PortalOptions
{
    public const string Section = "Portal";

    /// <summary>Where people reach the portal: scheme, host and port alone. Every absolute address is built from it, none from a request's Host header.</summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>Portal name of the team whose members are portal admins; without one nobody is.</summary>
    public string? AdminTeam { get; set; }

    /// <summary>Shown beside the portal's name, such as <c>staging</c>.</summary>
    public string? Label { get; set; }

    /// <summary>Networks (CIDR) of the proxies whose X-Forwarded-For is believed.</summary>
    public string[] TrustedProxies { get; set; } = [];

    /// <summary>How often what hosts fetch may be fetched from one address: a data centre may be behind it, each host once a minute.</summary>
    public int HostCallsPerMinute { get; set; } = 6000;

    /// <summary>Origin of <see cref="PublicUrl"/>, without a slash at the end.</summary>
    public string Origin => PublicUrl!.GetLeftPart(UriPartial.Authority);

    public sealed class Validation : IValidateOptions<PortalOptions>
    {
        private const int LongestLabel = 30;

        public ValidateOptionsResult Validate(string? name, PortalOptions options)
        {
            var mistakes = new List<string>();
            if (options.PublicUrl is not { IsAbsoluteUri: true } url || url.Scheme is not ("http" or "https"))
                mistakes.Add("Portal:PublicUrl is the address people open, such as https://portal.example.com; it is missing or not an http(s) address.");
            else if (url.AbsolutePath != "/" || url.Query != "" || url.Fragment != "" || url.UserInfo != "")
                mistakes.Add("Portal:PublicUrl has scheme, host and port alone, such as https://portal.example.com.");
            else if (url.Scheme == "http" && !url.IsLoopback)
                mistakes.Add("Portal:PublicUrl must be https: browsers keep the session cookie from plain http, but on this machine itself.");
            if (options.Label is { Length: > LongestLabel })
                mistakes.Add($"Portal:Label has at most {LongestLabel} characters.");
            if (options.HostCallsPerMinute < 1)
                mistakes.Add("Portal:HostCallsPerMinute is a number of calls, such as 6000.");
            mistakes.AddRange(options.TrustedProxies
                .Where(network => !IPNetwork.TryParse(network, out _))
                .Select(network => $"Portal:TrustedProxies holds networks such as 10.0.0.0/8; '{network}' is none."));
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
