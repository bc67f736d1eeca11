using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

public sealed partial class AzureStorageAccountType : CloudType
{
    private const int KeyLength = 64;

    public override string Name => "azureStorageAccount";

    public override string Title => "Azure storage account";

    public override string Help =>
        "Copy one of the two access keys in the Azure portal under Storage accounts › (account) › Security + networking › Access keys; a key may do everything with the account, "
        + "so where the program can use a managed identity with a role on the data, that is better, as there is no key then.";

    public override string AfterRevoke =>
        "The key still works at Azure: run az storage account keys renew --account-name ACCOUNT --key key1 (or key2), which makes a new one in its place.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new("storageAccount", "Storage account", "The account's name, as it stands in the Azure portal under Storage accounts and in front of .blob.core.windows.net.")
        {
            IsRequired = true, Longest = 64, Example = "examplestorage", Check = Rules.Form(Account(), "The storage account's name has 3 to 24 small letters and digits, such as examplestorage."),
        },
        new("accessKey", "Access key", "The column Key of key1 or key2 under Access keys, not the connection string.")
        {
            IsRequired = true, IsSensitive = true, Check = AccessKey,
        },
    ];

    private static string? AccessKey(string text) =>
        Convert.TryFromBase64String(text, new byte[text.Length], out var length) && length == KeyLength
            ? null
            : "The access key has 88 letters, digits and signs and ends in ==. Copy the column Key alone, not the connection string.";

    [GeneratedRegex(@"^[a-z0-9]{3,24}\z")]
    private static partial Regex Account();
}
