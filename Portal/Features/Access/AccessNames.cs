using System.Globalization;
using System.Text.RegularExpressions;
using Portal.Shell;

namespace Portal.Features.Access;

/// <summary>
/// What names and addresses may be. They end up in Vault's paths and policies, in SQL and in connection addresses, so what is
/// not plainly harmless there is refused here.
/// </summary>
public static partial class AccessNames
{
    private const int LongestWords = 200;

    /// <summary>Names of teams, connections and roles.</summary>
    public static string? Label(string value) => LabelForm().IsMatch(value)
        ? null
        : "is not a name: small letters, digits and hyphens, at most 40, beginning and ending with a letter or digit";

    /// <summary>A role or user of the database server.</summary>
    public static string? SqlName(string value) => AccountForm().IsMatch(value)
        ? null
        : "is not a plain role name: letters, digits and _ . - @, at most 63, beginning with a letter or _";

    /// <summary>An account of a host, as certificates name it. Vault separates them by commas, and takes * for all.</summary>
    public static string? Principal(string value) => AccountForm().IsMatch(value)
        ? null
        : "is not a plain account name: letters, digits and _ . - @, at most 63, beginning with a letter or _";

    public static string? Database(string value) => DatabaseForm().IsMatch(value)
        ? null
        : "is not a plain database name: letters, digits and _ . -, at most 63, beginning with a letter, digit or _";

    /// <summary>GitHub's <c>organisation/team</c>.</summary>
    public static string? TeamLabel(string value) => TeamLabelForm().IsMatch(value)
        ? null
        : "is not organisation/team, such as acme/payments";

    public static string? GitHubId(string value) => YamlFields.IsNumber(value, 1, long.MaxValue) && value[0] != '0'
        ? null
        : "is not the team's number at GitHub: `gh api orgs/ORG/teams/TEAM --jq .id` says it";

    public static string? Host(string value) => IsHost(value)
        ? null
        : "is not a host name or address, such as db.example.org";

    public static string? HostAndPort(string value)
    {
        var colon = value.LastIndexOf(':');
        var host = colon < 0 ? "" : value[..colon];
        if (host.StartsWith('[') && host.EndsWith(']') && host.Contains(':', StringComparison.Ordinal))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            host = "";
        return IsHost(host) && YamlFields.IsNumber(value[(colon + 1)..], 1, 65535) ? null : "is not host:port, such as db.internal:5432";
    }

    /// <summary>Joins a host and a port as addresses write them.</summary>
    public static string Address(string host, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}");

    /// <summary>Words that people read.</summary>
    public static string? Words(string value) => value.Length <= LongestWords && value.Trim().Length > 0 && !value.Any(char.IsControl)
        ? null
        : $"is not one line of at most {LongestWords} letters";

    /// <summary>For what cannot be judged because something else is a mistake.</summary>
    public static string? Any(string value) => null;

    public static ValueCheck OneOf(params string[] known) => value =>
    {
        if (known.Contains(value))
            return null;
        var nearest = Mistakes.Nearest(value, known);
        return $"is not known; {(nearest is null ? $"known: {string.Join(", ", known)}" : $"'{nearest}' is meant?")}";
    };

    private static bool IsHost(string value) => value.Length <= 253 && (HostNameForm().IsMatch(value)
        || (value.Contains(':', StringComparison.Ordinal) && AddressForm().IsMatch(value) && Uri.CheckHostName(value) == UriHostNameType.IPv6));

    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\z")]
    private static partial Regex LabelForm();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_.@-]{0,62}\z")]
    private static partial Regex AccountForm();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}\z")]
    private static partial Regex DatabaseForm();

    [GeneratedRegex(@"\A[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})/[A-Za-z0-9_.-]{1,100}\z")]
    private static partial Regex TeamLabelForm();

    // Labels of at most 63 with dots between; an IPv4 address is of the same form.
    [GeneratedRegex(@"\A[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\z")]
    private static partial Regex HostNameForm();

    [GeneratedRegex(@"\A[0-9A-Fa-f:.]+\z")]
    private static partial Regex AddressForm();
}
