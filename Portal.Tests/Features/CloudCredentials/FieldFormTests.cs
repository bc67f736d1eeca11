using Portal.Features.CloudCredentials;

namespace Portal.Tests.Features.CloudCredentials;

public class FieldFormTests
{
    private const string Guid = "00000000-0000-0000-0000-00000000000a";
    private static readonly CloudTypes s_types = new();

    public static TheoryData<string, string, string, string> Refusals => new()
    {
        { "amazon", "AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE", "temporary key" },
        { "amazon", "AWS_ACCESS_KEY_ID", "AKIAiosfodnn7example", "begins with AKIA" },
        { "amazon", "AWS_ACCESS_KEY_ID", "AKIA", "begins with AKIA" },
        { "amazon", "AWS_SECRET_ACCESS_KEY", new('a', 39), "40 letters" },
        { "amazon", "AWS_SECRET_ACCESS_KEY", new string('a', 39) + "-", "40 letters" },
        { "amazon", "AWS_REGION", "eu-central-1a", "zone" },
        { "amazon", "AWS_REGION", "eu-central-1.example.org", "region" },
        { "amazon", "AWS_REGION", "EU-central-1", "region" },
        { "amazon", "AWS_REGION", "eu--1", "region" },
        { "amazon", "AWS_REGION", "eu-central-١", "region" },
        { "azure", "AZURE_CLIENT_ID", "{" + Guid + "}", "GUID" },
        { "azure", "AZURE_SUBSCRIPTION_ID", "my subscription", "GUID" },
        { "azure", "AZURE_TENANT_ID", "common", "GUID" },
        { "azure", "AZURE_TENANT_ID", "example.org/..", "GUID" },
        { "azure", "AZURE_TENANT_ID", "example.org?a", "GUID" },
        { "azure", "AZURE_TENANT_ID", "a..org", "GUID" },
        { "azure", "AZURE_TENANT_ID", "10.0.0.1", "GUID" },
        { "azure", "AZURE_CLIENT_SECRET", "two words", "without blanks" },
        { "azureStorageAccount", "storageAccount", "Example", "small letters" },
        { "azureStorageAccount", "accessKey", "DefaultEndpointsProtocol=https;AccountKey=", "connection string" },
        { "azureStorageAccount", "accessKey", Convert.ToBase64String(new byte[63]), "88 letters" },
        { "cloudflare", "CF_API_KEY", "short", "37" },
        { "cloudflare", "CF_API_EMAIL", "name", "e-mail" },
        { "digitalocean", "DO_TOKEN", "dop_v1_0123", "dop_v1_" },
        { "fn", "master_token", "a\nb", "without blanks" },
        { "google", "type", "authorized_user", "sign-in of a person" },
        { "google", "type", "external_account", "no key" },
        { "google", "type", "user", "service_account" },
        { "google", "project_id", "Example-Project", "project ID" },
        { "google", "project_id", "123456789012", "project ID" },
        { "google", "project_id", "short", "project ID" },
        { "google", "project_id", "example-project-", "project ID" },
        { "google", "project_id", "example.com:a/../b", "project ID" },
        { "google", "project_id", "example:project", "project ID" },
        { "google", "token_uri", "http://oauth2.googleapis.com/token", "https address" },
        { "google", "token_uri", "https://a@oauth2.googleapis.com/token", "https address" },
        { "google", "auth_uri", "/o/oauth2/auth", "https address" },
        { "google", "client_id", "me", "number" },
        { "google", "client_email", "program", "e-mail" },
        { "pagerduty", "integrationKey", "0123", "32 letters" },
        { "slack", "apiUrl", "https://hooks.slack.com.example.org/services/T0/B0/x", "hooks.slack.com" },
        { "slack", "apiUrl", "http://hooks.slack.com/services/T0/B0/x", "hooks.slack.com" },
        { "slack", "apiUrl", "https://hooks.slack.com/services/T0/B0", "hooks.slack.com" },
        { "vault", "token", "two words", "without blanks" },
        { "vsphere", "url", "vcenter.example.org", "https address" },
        { "vsphere", "fingerprint", "00:11", "20 pairs" },
        { "vsphere", "folder", "a\u0001b", "one line" },
    };

    public static TheoryData<string, string, string> Acceptances => new()
    {
        { "amazon", "AWS_ACCESS_KEY_ID", "AKIA" + new string('A', 28) },
        { "amazon", "AWS_REGION", "us-gov-west-1" },
        { "amazon", "AWS_REGION", "cn-northwest-1" },
        { "amazon", "AWS_SECRET_ACCESS_KEY", new string('a', 37) + "/+=" },
        { "azure", "AZURE_CLIENT_SECRET", Guid },
        { "azure", "AZURE_TENANT_ID", "example.onmicrosoft.com" },
        { "azure", "AZURE_TENANT_ID", "Example.co.uk" },
        { "cloudflare", "CF_API_KEY", "0123456789abcdef0123456789abcdef01234" },
        { "cloudflare", "CF_API_KEY", "cfut_" + new string('a', 48) },
        { "digitalocean", "DO_TOKEN", new string('0', 64) },
        { "google", "project_id", "example.com:proj" },
        { "google", "project_id", "a12345" },
        { "pagerduty", "integrationKey", "R0123456789ABCDEFGHIJKLMNOPQRSTU" },
        { "slack", "apiUrl", "https://hooks.slack.com/services/T0/B0/x" },
        { "vault", "token", "s.abcdefghijklmnopqrstuvwx" },
        { "vault", "token", "root" },
        { "vsphere", "url", "https://vcenter.example.org/sdk" },
        { "vsphere", "fingerprint", "AB:" + string.Join(':', Enumerable.Repeat("0f", 31)) },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_cannot_be_right_is_refused_with_what_would_be(string type, string field, string value, string says)
    {
        var errors = s_types.Find(type)!.Refuse(CloudSamples.With(type, (field, value)));

        errors.ShouldHaveSingleItem().Key.ShouldBe(field);
        errors[field].ShouldContain(says);
        errors[field].ShouldEndWith(".");
    }

    [Theory]
    [MemberData(nameof(Acceptances))]
    public void What_may_be_right_is_taken(string type, string field, string value) =>
        s_types.Find(type)!.Accept(CloudSamples.With(type, (field, value)))[field].ShouldBe(value);

    [Theory]
    [InlineData("1st")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("ä")]
    public void Own_fields_have_names_that_programs_can_read(string name) =>
        s_types.Find("generic")!.Refuse(CloudSamples.With("generic", (name, "value")))[name].ShouldContain("begins with a letter or _");

    [Fact]
    public void Own_fields_are_at_most_fifty_and_all_sensitive()
    {
        var type = s_types.Find("generic")!;
        var fields = Enumerable.Range(1, 51).ToDictionary(number => $"field_{number}", number => $"value {number}");

        type.Refuse(fields)["values"].ShouldContain("51 fields; at most 50");
        fields.Remove("field_51");
        type.Accept(fields).Count.ShouldBe(50);
        fields.Keys.ShouldAllBe(field => type.IsSensitive(field));
    }

    [Fact]
    public void A_credential_has_a_largest_size() =>
        s_types.Find("generic")!.Refuse(Enumerable.Range(1, 5).ToDictionary(number => $"field_{number}", _ => new string('x', 60 * 1024)))["values"].ShouldContain("256 KiB");
}
