using CsCheck;
using Portal.Features.CloudCredentials;

namespace Portal.Tests.Features.CloudCredentials;

public class CloudTypeTests
{
    private const string Canary = "C4naryQx9Zt7";

    // Required fields end in !, those that are safe to show in +.
    private static readonly Dictionary<string, string> s_expected = new()
    {
        ["amazon"] = "AWS_ACCESS_KEY_ID!+ AWS_SECRET_ACCESS_KEY! AWS_REGION+",
        ["azure"] = "AZURE_CLIENT_ID!+ AZURE_CLIENT_SECRET! AZURE_TENANT_ID!+ AZURE_SUBSCRIPTION_ID!+",
        ["azureStorageAccount"] = "storageAccount!+ accessKey!",
        ["cloudflare"] = "CF_API_KEY! CF_API_EMAIL!+",
        ["digitalocean"] = "DO_TOKEN!",
        ["fn"] = "master_token!",
        ["generic"] = "",
        ["google"] = "type!+ project_id!+ private_key_id!+ private_key! client_email!+ client_id!+ auth_uri!+ token_uri!+ auth_provider_x509_cert_url!+ client_x509_cert_url!+",
        ["htpasswd"] = "username!+ password htpasswd",
        ["kubernetes"] = "K8Sconfig!",
        ["pagerduty"] = "integrationKey!",
        ["password"] = "username!+ password",
        ["slack"] = "apiUrl!",
        ["ssh"] = "user!+ identifier!+ private_key_data public_key_data+ public_key_fingerprint+",
        ["tls"] = "hosts!+ validity+ caCert caKey serverKey serverCert clientKey clientCert peerKey peerCert",
        ["vault"] = "token!",
        ["vsphere"] = "url!+ user!+ password! fingerprint!+ datacenter!+ datastore!+ resourcePool!+ folder!+ defaultNodeTemplate!+",
    };

    // What could make a reader repeat the word beside it.
    private static readonly string[] s_around =
        ["", ":", ": ", "\n", "*", "&", "!", "!x!", "%TAG ", "{", "\"", "@", "?", "exec: ", "-----BEGIN ", ",12", "https://", "\\n", "- ["];

    private static readonly CloudTypes s_types = new();

    public static TheoryData<string> Types => [.. s_expected.Keys];

    [Fact]
    public void All_types_of_the_model_are_there() =>
        s_types.All.ToDictionary(type => type.Name, type => string.Join(' ', type.Fields.Select(field => field.Name + (field.IsRequired ? "!" : "") + (field.IsSensitive ? "" : "+"))))
            .ShouldBe(s_expected, ignoreOrder: true);

    [Theory]
    [MemberData(nameof(Types))]
    public void A_type_explains_itself(string name)
    {
        var type = Find(name);

        type.Title.ShouldNotBeNullOrWhiteSpace();
        foreach (var text in new[] { type.Help, type.AfterRevoke })
            text.ShouldEndWith(".");
        foreach (var field in type.Fields)
        {
            field.Title.ShouldNotBeNullOrWhiteSpace(field.Name);
            field.Description.ShouldEndWith(".", customMessage: field.Name);
            field.Check.ShouldNotBeNull(field.Name);
            if (!field.IsSensitive && !field.IsDerived)
                field.Check(field.Example.ShouldNotBeNull(field.Name)).ShouldBeNull(field.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_sample_is_read_and_reads_the_same_again(string name)
    {
        var sample = CloudSamples.Of(name);

        Find(name).Accept(sample).ShouldBe(sample, ignoreOrder: true);
        sample.Keys.Where(Find(name).IsSensitive).ShouldNotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void What_is_required_is_named_when_it_is_missing_or_empty(string name)
    {
        var type = Find(name);
        string[] required = type.TakesAnyField ? ["values"] : [.. type.Fields.Where(field => field.IsRequired).Select(field => field.Name)];

        type.Refuse(new Dictionary<string, string>()).Keys.ShouldBe(required, ignoreOrder: true);
        type.Refuse(required.Where(field => field != "values").ToDictionary(field => field, _ => " ")).Keys.ShouldBe(required, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_field_that_is_not_there_is_named(string name)
    {
        var field = $"no field {new string('x', 100)}";

        var errors = Find(name).Refuse(CloudSamples.With(name, (field, Canary)));

        errors.ShouldHaveSingleItem().Key.ShouldStartWith("no field x");
        errors.Values.Single().ShouldNotContain(new string('x', 61));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Zero_bytes_and_what_is_too_long_are_refused(string name)
    {
        var type = Find(name);
        foreach (var (field, value) in CloudSamples.Of(name))
        {
            type.Refuse(CloudSamples.With(name, (field, $"{value[..^1]}\0")))[field].ShouldContain("zero byte");
            type.Refuse(CloudSamples.With(name, (field, new string('é', 130 * 1024 / 2))))[field].ShouldContain("bytes; at most");
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void White_space_around_short_fields_falls_away(string name)
    {
        var sample = CloudSamples.Of(name);
        var padded = sample.ToDictionary(value => value.Key, value => IsShort(name, value.Key) ? $" \t{value.Value}\r\n" : value.Value);

        Find(name).Accept(padded).ShouldBe(sample, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void No_sensitive_value_is_in_an_error(string name)
    {
        var type = Find(name);
        string[] fields = [.. CloudSamples.Of(name).Keys.Where(type.IsSensitive)];
        var gen = from field in Gen.Int[0, fields.Length - 1]
                  from place in Gen.Double[0, 1]
                  from cut in Gen.Int[0, 3]
                  from around in Gen.Int[0, s_around.Length - 1].Select(index => s_around[index])
                  select (Field: fields[field], place, cut, around);

        gen.Sample(
            change =>
            {
                var value = CloudSamples.Of(name)[change.Field];
                var at = (int)(change.place * value.Length);
                var changed = change.cut switch
                {
                    0 => change.around + Canary,
                    1 => Canary + change.around,
                    2 => $"{value[..at]}{change.around}{Canary}",
                    _ => $"{value[..at]}{change.around}{Canary}{value[at..]}",
                };
                var errors = new Dictionary<string, string>();
                type.Read(CloudSamples.With(name, (change.Field, changed)), errors);
                type.File?.Read(changed, errors);
                return !errors.Any(error => $"{error.Key} {error.Value}".Contains(Canary, StringComparison.OrdinalIgnoreCase));
            },
            iter: name == "htpasswd" ? 20 : 300,
            print: change => $"{change.Field}, {change.cut}, {change.around}",
            threads: 1);
    }

    private static bool IsShort(string type, string field) => Find(type).Fields.FirstOrDefault(known => known.Name == field) is { IsLong: false };

    private static CloudType Find(string name) => s_types.Find(name).ShouldNotBeNull();
}
