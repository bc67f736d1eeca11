using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

public sealed partial class GenericType : CloudType
{
    private const int Most = 50;
    private const int LongestValue = 64 * 1024;
    private const string NameRule = "a field's name begins with a letter or _ and has at most 100 letters, digits and the signs _ . -";

    public override string Name => "generic";

    public override string Title => "Generic";

    public override string Help => "For what has no type of its own: name the fields as the program that reads them expects; all of them are kept secret.";

    public override string AfterRevoke => "What the values open stays open: delete or change them wherever they are accepted.";

    public override IReadOnlyList<CloudField> Fields { get; } = [];

    public override bool TakesAnyField => true;

    protected override CloudField? AnyField(string name) => FieldName().IsMatch(name)
        ? new CloudField(name, name, "A field of your own.") { IsSensitive = true, IsLong = true, Longest = LongestValue }
        : null;

    protected override string UnknownField(string name) => $"This is no name for a field: {NameRule}.";

    protected override void Complete(IDictionary<string, string> values, IDictionary<string, string> errors)
    {
        if (values.Count == 0)
            errors["values"] = $"Give at least one field with a value: {NameRule}.";
        else if (values.Count > Most)
            errors["values"] = $"There are {values.Count} fields; at most {Most} are kept in one credential.";
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_.-]{0,99}\z")]
    private static partial Regex FieldName();
}
