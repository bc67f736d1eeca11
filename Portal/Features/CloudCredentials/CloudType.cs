using System.Text;

namespace Portal.Features.CloudCredentials;

/// <summary>
/// A type of cloud credentials: its fields and their rules. A new one is one class below <c>Types</c>, found by itself; what the cloud
/// thinks of it is said by an <see cref="ICloudVerifier"/> of the same name, if there is one.
/// </summary>
public abstract class CloudType
{
    /// <summary>All fields of one credential, in bytes of UTF-8.</summary>
    public const int LargestCredential = 256 * 1024;

    /// <summary>No type has as many, and an answer names each that is wrong.</summary>
    public const int MostFields = 100;

    /// <summary>As programs know it: <c>amazon</c>.</summary>
    public abstract string Name { get; }

    /// <summary>For people: <c>Amazon Web Services</c>.</summary>
    public abstract string Title { get; }

    /// <summary>One sentence: where to get such a credential, and which rights it should have.</summary>
    public abstract string Help { get; }

    /// <summary>What to do there once it is revoked here: a key that is deleted from Vault still works at the cloud.</summary>
    public abstract string AfterRevoke { get; }

    /// <summary>In the order of the form.</summary>
    public abstract IReadOnlyList<CloudField> Fields { get; }

    /// <summary>The caller names the fields; all are sensitive.</summary>
    public virtual bool TakesAnyField => false;

    /// <summary>Null when there is no such file.</summary>
    public virtual CloudFile? File => null;

    public bool IsSensitive(string field) => Fields.FirstOrDefault(known => known.Name == field) is not { IsSensitive: false };

    /// <summary>
    /// Judges what was given and completes it with what the type makes or computes. Values are kept as given, but for white space around
    /// short ones; empty ones are left out.
    /// </summary>
    /// <param name="given">By field name.</param>
    /// <param name="errors">Gets a sentence for each field that breaks a rule. Not empty: the answer is not to be used.</param>
    public IReadOnlyDictionary<string, string> Read(IReadOnlyDictionary<string, string> given, IDictionary<string, string> errors)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (given.Count > MostFields)
        {
            errors["values"] = $"There are {given.Count} fields; at most {MostFields} are read.";
            return values;
        }

        var size = 0L;
        foreach (var (name, value) in given)
        {
            var field = Fields.FirstOrDefault(known => known.Name == name) ?? AnyField(name);
            if (field is null)
            {
                errors[Shorten(name)] = UnknownField(name);
                continue;
            }

            size += Encoding.UTF8.GetByteCount(value);
            var text = field.IsLong ? value : value.Trim();
            if (string.IsNullOrWhiteSpace(text))
                continue;
            if (Encoding.UTF8.GetByteCount(text) is var length && length > field.Longest)
                errors[name] = $"{field.Title} has {length} bytes; at most {field.Longest} are kept.";
            else if (text.Contains('\0'))
                errors[name] = $"{field.Title} contains a zero byte, which no such value has.";
            else if (field.Check?.Invoke(text) is { } wrong)
                errors[name] = wrong;
            else
                values[name] = text;
        }

        foreach (var field in Fields.Where(field => field.IsRequired && !values.ContainsKey(field.Name) && !errors.ContainsKey(field.Name)))
            errors[field.Name] = $"{field.Title} is missing: {field.Description}";
        if (errors.Count == 0)
            Complete(values, errors);
        if (errors.Count == 0 && Math.Max(size, values.Sum(value => (long)Encoding.UTF8.GetByteCount(value.Value))) > LargestCredential)
            errors["values"] = $"All fields together have more than {LargestCredential / 1024} KiB, which is what a credential may have.";
        return values;
    }

    /// <summary>Called when all fields are fine by themselves: judges them together, and adds what is made or computed.</summary>
    protected virtual void Complete(IDictionary<string, string> values, IDictionary<string, string> errors)
    {
    }

    /// <summary>The field of that name, for a type that <see cref="TakesAnyField"/>; null when it can be none.</summary>
    protected virtual CloudField? AnyField(string name) => null;

    protected virtual string UnknownField(string name) =>
        $"{Title} has no field {Shorten(name)}: its fields are {string.Join(", ", Fields.Select(field => field.Name))}.";

    // A name is the caller's words.
    private static string Shorten(string name) => name.Length <= 60 ? name : name[..60] + "…";
}
