using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

public sealed partial class GoogleType : CloudType
{
    private const string ServiceAccount = "service_account";
    private const string InFile = "It stands in the key file; drop the file to fill in all fields.";
    private const string KeyPlace = "In the Google Cloud console under IAM & Admin › Service Accounts › (account) › Keys, add a key of the type JSON.";

    public override string Name => "google";

    public override string Title => "Google Cloud";

    public override string Help =>
        "Create a service account of its own in the Google Cloud console under IAM & Admin › Service Accounts, with the roles that the program needs, and add a JSON key under Keys; "
        + "where the program can use workload identity federation, that is better, as there is no key then.";

    public override string AfterRevoke =>
        "The key still works at Google Cloud: run gcloud iam service-accounts keys disable PRIVATE_KEY_ID --iam-account=CLIENT_EMAIL, and the same with delete once nothing misses it.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new("type", "Type", "It is service_account.") { IsRequired = true, Longest = 64, Example = ServiceAccount, Check = KeyType },
        new("project_id", "Project ID", $"The project of the service account. {InFile}")
        {
            IsRequired = true, Longest = 300, Example = "example-project",
            Check = Rules.Form(Project(), "The project ID has 6 to 30 small letters, digits and hyphens and begins with a letter, such as example-project or example.com:project; the project's name or number is another."),
        },
        new("private_key_id", "Key ID", InFile)
        {
            IsRequired = true, Longest = 128, Example = "0123456789abcdef0123456789abcdef01234567", Check = Rules.Form(KeyId(), "The key ID has letters and digits, mostly 40."),
        },
        new("private_key", "Private key", InFile) { IsRequired = true, IsSensitive = true, IsLong = true, Longest = Pem.Longest, Check = PrivateKey },
        new("client_email", "E-mail of the service account", InFile)
        {
            IsRequired = true, Longest = 320, Example = "program@example-project.iam.gserviceaccount.com", Check = Rules.Mail("The service account's e-mail"),
        },
        new("client_id", "Client ID", InFile) { IsRequired = true, Longest = 64, Example = "100000000000000000000", Check = Rules.Form(Digits(), "The client ID is a number, mostly of 21 digits.") },
        Address("auth_uri", "Authorization address", "https://accounts.google.com/o/oauth2/auth"),
        Address("token_uri", "Token address", "https://oauth2.googleapis.com/token"),
        Address("auth_provider_x509_cert_url", "Certificates of the provider", "https://www.googleapis.com/oauth2/v1/certs"),
        Address("client_x509_cert_url", "Certificate of the service account", "https://www.googleapis.com/robot/v1/metadata/x509/program%40example-project.iam.gserviceaccount.com"),
    ];

    public override CloudFile? File { get; } = new(".json", KeyPlace, (text, errors) => new GoogleKeyFile(errors).Read(text));

    /// <summary>What is wrong with the type of a key; null when it is that of a service account.</summary>
    internal static string? KeyType(string text) => text switch
    {
        ServiceAccount => null,
        "authorized_user" => $"This is the sign-in of a person (authorized_user), made by gcloud auth application-default login. Give the key of a service account. {KeyPlace}",
        "external_account" => $"This is a configuration of workload identity federation (external_account): it holds no key, so that nothing is to be kept here. For a key: {KeyPlace}",
        "impersonated_service_account" => $"This is a person's sign-in in the name of a service account (impersonated_service_account). Give the service account's own key. {KeyPlace}",
        _ => $"The type is service_account, which a key file of a service account has. {KeyPlace}",
    };

    // Kept for programs, never called by the portal.
    private static CloudField Address(string name, string title, string example) =>
        new(name, title, InFile) { IsRequired = true, Longest = Rules.LongestUrl, Example = example, Check = Rules.HttpsUrl(title, example) };

    private static string? PrivateKey(string text)
    {
        if (text.Contains("\\n", StringComparison.Ordinal) && !text.Contains('\n'))
            return "The private key has \\n where lines end, as in the key file. Drop the file itself, or put each line on its own.";
        using var key = Pem.Key(text, out var wrong);
        if (wrong is not null)
            return $"The private key {wrong}.";
        return key is RSA && Pem.Blocks(text)![0].Label == "PRIVATE KEY"
            ? null
            : "The private key is not RSA in PKCS#8, which begins with -----BEGIN PRIVATE KEY-----, as in the key file.";
    }

    // The ID becomes part of addresses.
    [GeneratedRegex(@"^([a-z0-9][a-z0-9-]{0,62}(\.[a-z0-9][a-z0-9-]{0,62})+:[a-z][a-z0-9-]{0,61}|[a-z][a-z0-9-]{4,28})[a-z0-9]\z")]
    private static partial Regex Project();

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,128}\z")]
    private static partial Regex KeyId();

    [GeneratedRegex(@"^[0-9]{1,30}\z")]
    private static partial Regex Digits();
}
