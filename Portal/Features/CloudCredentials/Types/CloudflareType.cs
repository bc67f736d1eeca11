using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

public sealed partial class CloudflareType : CloudType
{
    public override string Name => "cloudflare";

    public override string Title => "Cloudflare";

    public override string Help =>
        "Create an API token in Cloudflare's dashboard under My Profile › API Tokens that may edit the needed zones alone; the global API key on the same page may do everything.";

    public override string AfterRevoke =>
        "The key still works at Cloudflare: in the dashboard under My Profile › API Tokens, choose Delete for the token, or Change for the global API key.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new("CF_API_KEY", "API key", "An API token or the global API key, from Cloudflare's dashboard under My Profile › API Tokens.")
        {
            IsRequired = true, IsSensitive = true,
            Check = Rules.Form(Key(), "The API key is the global one, of 37 letters and digits, or a token of 40 or more letters, digits, _ and -."),
        },
        new("CF_API_EMAIL", "E-mail", "The e-mail address of the Cloudflare account that the key belongs to.")
        {
            IsRequired = true, Longest = 320, Example = "name@example.org", Check = Rules.Mail("The e-mail"),
        },
    ];

    [GeneratedRegex(@"^[A-Za-z0-9_-]{37,200}\z")]
    private static partial Regex Key();
}
