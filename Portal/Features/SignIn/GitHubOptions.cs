using System.Globalization;
using Microsoft.Extensions.Options;

namespace Portal.Features.SignIn;

public sealed class GitHubOptions
{
    public const string Section = "SignIn:GitHub";

    /// <summary>The provider of users and teams that come from GitHub.</summary>
    public const string Provider = "github";

    /// <summary>Where people sign in: github.com or a GitHub Enterprise Server.</summary>
    public string Url { get; set; } = "https://github.com";

    /// <summary>Absent: <c>https://api.github.com</c>, or <c>/api/v3</c> below <see cref="Url"/> for an Enterprise Server.</summary>
    public string? ApiUrl { get; set; }

    public string ClientId { get; set; } = "";

    public string? ClientSecret { get; set; }

    public string? ClientSecretFile { get; set; }

    /// <summary>Logins or numeric ids of the organisations whose members may enter; none = nobody.</summary>
    public IList<string> Organizations { get; } = [];

    /// <summary>Ends with a slash, so that relative addresses hang below it.</summary>
    public Uri Web => new(Url.TrimEnd('/') + "/");

    /// <inheritdoc cref="Web"/>
    public Uri Api => new((ApiUrl ?? (Web.Host == "github.com" ? "https://api.github.com" : Url.TrimEnd('/') + "/api/v3")).TrimEnd('/') + "/");

    /// <summary>Digits alone are an id, which GitHub never gives twice; a login can come to belong to somebody else.</summary>
    public bool Admits(long organizationId, string login) => Organizations.Any(admitted =>
        IsId(admitted)
            ? admitted == organizationId.ToString(CultureInfo.InvariantCulture)
            : admitted.Equals(login, StringComparison.OrdinalIgnoreCase));

    public static bool IsId(string organization) => organization.All(char.IsAsciiDigit);

    public string ReadClientSecret() => ClientSecret is { Length: > 0 } secret ? secret : File.ReadAllText(ClientSecretFile!).Trim();

    internal sealed class Validation : IValidateOptions<GitHubOptions>
    {
        public ValidateOptionsResult Validate(string? name, GitHubOptions options)
        {
            string?[] mistakes =
            [
                Address(nameof(Url), options.Url, "https://github.com or the address of a GitHub Enterprise Server"),
                options.ApiUrl is null ? null : Address(nameof(ApiUrl), options.ApiUrl, "https://api.github.com or https://HOST/api/v3"),
                options.ClientId is "" ? $"{Section}:{nameof(ClientId)} is missing: the client id of the portal's OAuth app at GitHub" : null,
                Secret(options),
                .. options.Organizations.Select((organization, index) => string.IsNullOrWhiteSpace(organization)
                    ? $"{Section}:{nameof(Organizations)}:{index} is empty: it must be the login or the numeric id of an organisation"
                    : null),
            ];
            return mistakes.OfType<string>().ToList() is { Count: > 0 } found
                ? ValidateOptionsResult.Fail(found)
                : ValidateOptionsResult.Success;
        }

        private static string? Address(string key, string value, string right) =>
            !Uri.TryCreate(value, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.Query != "" || url.Fragment != ""
                ? $"{Section}:{key} is not a web address: it must be {right}"
                : url.Scheme == "http" && !url.IsLoopback
                    ? $"{Section}:{key} must begin with https: tokens travel there"
                    : null;

        private static string? Secret(GitHubOptions options) => (options.ClientSecret, options.ClientSecretFile) switch
        {
            (null or "", null or "") =>
                $"{Section}:{nameof(ClientSecret)} is missing: set it, or {Section}:{nameof(ClientSecretFile)} to the file that holds it",
            ({ Length: > 0 }, { Length: > 0 }) =>
                $"{Section}:{nameof(ClientSecret)} and {Section}:{nameof(ClientSecretFile)} are both set: keep one",
            (_, { Length: > 0 } file) => File(file),
            _ => null,
        };

        private static string? File(string path)
        {
            const string Key = $"{Section}:{nameof(ClientSecretFile)}";
            try
            {
                return System.IO.File.ReadAllText(path).Trim() is ""
                    ? $"{Key} names {path}, which is empty: it must hold the client secret of the OAuth app"
                    : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return $"{Key} names {path}, which cannot be read: it must be a file that the portal's account can read";
            }
        }
    }
}
