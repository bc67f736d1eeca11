using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

public sealed partial class DigitalOceanType : CloudType
{
    public override string Name => "digitalocean";

    public override string Title => "DigitalOcean";

    public override string Help =>
        "Generate a personal access token in DigitalOcean's control panel under API › Tokens, with custom scopes for what the program does and an expiry.";

    public override string AfterRevoke => "The token still works at DigitalOcean: in the control panel under API › Tokens, choose Delete in its menu.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new("DO_TOKEN", "Access token", "It begins with dop_v1_; the control panel shows it once, under API › Tokens, when it is generated.")
        {
            IsRequired = true, IsSensitive = true,
            Check = Rules.Form(Token(), "The access token is dop_v1_ followed by 64 digits and letters from a to f."),
        },
    ];

    // Old tokens have no prefix; doo_ ones come from OAuth.
    [GeneratedRegex(@"^(do[op]_v1_)?[0-9a-f]{64}\z")]
    private static partial Regex Token();
}
