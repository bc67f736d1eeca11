namespace Portal.Features.CloudCredentials.Pages;

/// <summary>Where the pages of cloud credentials are, and where their script posts to.</summary>
internal static class CloudAddress
{
    public const string List = "/cloud-credentials";
    public const string New = "/cloud-credentials/new";
    public const string Leavers = "/cloud-credentials/known-to-leavers";

    public static string Of(string team, string name) => $"{List}/{Uri.EscapeDataString(team)}/{Uri.EscapeDataString(name)}";

    public static string Register(string team) => $"/browser/teams/{Uri.EscapeDataString(team)}/cloud-credentials";

    public static string Change(string team, string name) => $"{Register(team)}/{Uri.EscapeDataString(name)}/change";

    public static string Reveal(string team, string name) => $"{Register(team)}/{Uri.EscapeDataString(name)}/reveal";
}
