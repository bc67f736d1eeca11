using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

public sealed partial class AmazonType : CloudType
{
    public override string Name => "amazon";

    public override string Title => "Amazon Web Services";

    public override string Help =>
        "Create an access key in the AWS console under IAM › Users › (user) › Security credentials, for a user of its own whose policies allow what the program does and ec2:DescribeRegions; "
        + "where the program can assume a role through OpenID Connect or an instance profile, that is better, as there is no key then.";

    public override string AfterRevoke =>
        "The key still works at AWS: run aws iam update-access-key --user-name USER --access-key-id AKIA… --status Inactive, and aws iam delete-access-key with the same names once nothing misses it.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new("AWS_ACCESS_KEY_ID", "Access key ID", "It begins with AKIA and stands in the AWS console under IAM › Users › (user) › Security credentials › Access keys.")
        {
            IsRequired = true, Longest = 128, Example = "AKIAIOSFODNN7EXAMPLE", Check = AccessKeyId,
        },
        new("AWS_SECRET_ACCESS_KEY", "Secret access key", "The AWS console shows it once, when the access key is created; a lost one cannot be shown again, so create another key.")
        {
            IsRequired = true, IsSensitive = true,
            Check = Rules.Form(SecretKey(), "The secret access key has 40 letters, digits and the signs / + =. The AWS console shows it once, when the key is created."),
        },
        new("AWS_REGION", "Region", "The code of the region that programs should use, as the AWS console shows it beside the region's name.")
        {
            Longest = 40, Example = "eu-central-1", Check = Rules.Form(Region(), "The region is a code of small letters, digits and hyphens, such as eu-central-1, and not a zone such as eu-central-1a."),
        },
    ];

    private static string? AccessKeyId(string text)
    {
        if (TemporaryKeyId().IsMatch(text))
            return "This is the ID of a temporary key (ASIA), which works with a session token alone and ends within hours. Give the long-lived key of a user: its ID begins with AKIA.";
        return LastingKeyId().IsMatch(text) ? null : "The access key ID begins with AKIA, followed by 16 or more capital letters and digits, such as AKIAIOSFODNN7EXAMPLE.";
    }

    [GeneratedRegex(@"^AKIA[A-Z0-9]{12,124}\z")]
    private static partial Regex LastingKeyId();

    [GeneratedRegex(@"^ASIA[A-Z0-9]{12,124}\z")]
    private static partial Regex TemporaryKeyId();

    [GeneratedRegex(@"^[A-Za-z0-9/+=]{40}\z")]
    private static partial Regex SecretKey();

    // The region becomes part of host names.
    [GeneratedRegex(@"^[a-z]{2}(-[a-z0-9]+)+-[0-9]+\z")]
    private static partial Regex Region();
}
