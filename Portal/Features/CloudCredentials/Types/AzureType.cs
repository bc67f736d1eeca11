using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

public sealed partial class AzureType : CloudType
{
    private const int LongestDomain = 253;

    public override string Name => "azure";

    public override string Title => "Microsoft Azure";

    public override string Help =>
        "Register an application in the Azure portal under Microsoft Entra ID › App registrations, give it a role on the subscription under Subscriptions › (subscription) › Access control (IAM), "
        + "Contributor or less, and add a client secret; where the program can sign in by a federated credential or a managed identity, that is better, as there is no secret then.";

    public override string AfterRevoke =>
        "The secret still works at Azure: find its key ID by az ad app credential list --id CLIENT_ID and run az ad app credential delete --id CLIENT_ID --key-id KEY_ID.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new("AZURE_CLIENT_ID", "Application (client) ID", "It stands in the Azure portal under Microsoft Entra ID › App registrations › (application) › Overview.")
        {
            IsRequired = true, Longest = 64, Example = "00000000-0000-0000-0000-000000000000", Check = Rules.Guid("The client ID"),
        },
        new("AZURE_CLIENT_SECRET", "Client secret", "The column Value, not Secret ID, under App registrations › (application) › Certificates & secrets; the Azure portal shows it once.")
        {
            IsRequired = true, IsSensitive = true, Longest = 1024, Check = Rules.Token("The client secret"),
        },
        new("AZURE_TENANT_ID", "Directory (tenant) ID", "It stands in the Azure portal under Microsoft Entra ID › Overview; a domain of the directory does as well.")
        {
            IsRequired = true, Longest = LongestDomain, Example = "00000000-0000-0000-0000-000000000000", Check = Tenant,
        },
        new("AZURE_SUBSCRIPTION_ID", "Subscription ID", "It stands in the Azure portal under Subscriptions.")
        {
            IsRequired = true, Longest = 64, Example = "00000000-0000-0000-0000-000000000000", Check = Rules.Guid("The subscription ID"),
        },
    ];

    /// <summary>Whether it is a GUID or a domain, and so no more than one step of a path.</summary>
    internal static bool IsTenant(string text) => (text.Length == 36 && Guid.TryParseExact(text, "D", out _)) || (text.Length <= LongestDomain && Domain().IsMatch(text));

    private static string? Tenant(string text) => IsTenant(text)
        ? null
        : "The tenant ID is a GUID, such as 00000000-0000-0000-0000-000000000000, or a domain of the directory, such as example.onmicrosoft.com.";

    [GeneratedRegex(@"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Domain();
}
