using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Features.CloudCredentials;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>What the records that hold secrets say of themselves, since the compiler's own text has all that they hold.</summary>
public class CloudTextTests
{
    private const string Canary = "C4naryQx9Zt7";

    // Where secrets are, by the names that records give them; whoever calls one otherwise adds it here.
    private static readonly HashSet<string> s_secret =
        ["Value", "Values", "File", "Body", "Data", "Document", "Token", "Password", "ClientKey", "ClientCertificate", "Base64", "Text", "Content", "Key", "Secret"];

    // What these tell is no secret: null in the place of a sensitive value, what people ask a list for, and what file a type takes.
    private static readonly HashSet<string> s_open = ["CloudFact", "CloudFieldState", "CloudListWish", "Type"];

    public static TheoryData<string> Records =>
    [
        .. typeof(CloudType).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false, IsGenericTypeDefinition: false } && type.GetMethod("<Clone>$") is not null && !s_open.Contains(type.Name))
            .Where(type => type.Namespace!.StartsWith("Portal.Features.CloudCredentials", StringComparison.Ordinal) || type.Name.StartsWith("Yaml", StringComparison.Ordinal) || type.Name.StartsWith("KeyValue", StringComparison.Ordinal))
            .Where(type => Secrets(type).Any())
            .Select(type => type.FullName!),
    ];

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_that_holds_secrets_says_none(string name)
    {
        var type = typeof(CloudType).Assembly.GetType(name).ShouldNotBeNull();
        var record = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in Secrets(type))
            type.GetField($"<{property.Name}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(record, Secret(property.PropertyType));

        (record.ToString() ?? "").Contains(Canary, StringComparison.Ordinal).ShouldBeFalse($"{name} tells what it holds");
    }

    [Fact]
    public void Those_that_are_known_to_hold_some_are_among_them()
    {
        var names = Records.Select(row => row.Data.Split('.', '+')[^1]).ToList();

        foreach (var name in new[] { "RegisterBody", "ChangeBody", "Revealed", "Shown", "CloudAnswer", "CloudRegistration", "CloudChange", "PemBlock", "Kubeconfig", "YamlText", "KeyValueDocument" })
            names.ShouldContain(name);
    }

    private static IEnumerable<PropertyInfo> Secrets(Type type) => type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        .Where(property => s_secret.Contains(property.Name) && Secret(property.PropertyType) is not null)
        .Where(property => type.GetField($"<{property.Name}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic) is not null);

    private static object? Secret(Type type)
    {
        if (type == typeof(string))
            return Canary;
        if (type == typeof(JsonObject))
            return new JsonObject { ["a"] = Canary };
        return (Nullable.GetUnderlyingType(type) ?? type) == typeof(JsonElement) ? JsonSerializer.SerializeToElement(Canary) : null;
    }
}
