namespace Portal.Features.CloudCredentials;

/// <summary>One field of a type of cloud credentials.</summary>
/// <param name="Name">As programs know it: <c>AWS_ACCESS_KEY_ID</c>.</param>
/// <param name="Title">For people: <c>Access key ID</c>.</param>
/// <param name="Description">What it is, and where to find it.</param>
public sealed record CloudField(string Name, string Title, string Description)
{
    /// <summary>Most fields are short; files such as a kubeconfig need more. In bytes of UTF-8.</summary>
    public int Longest { get; init; } = 4096;

    public bool IsRequired { get; init; }

    /// <summary>Rests in Vault alone, and is shown by a reveal alone.</summary>
    public bool IsSensitive { get; init; }

    /// <summary>A text of several lines, such as a key in PEM.</summary>
    public bool IsLong { get; init; }

    /// <summary>The type makes or computes it when nothing is given: it falls away when another field is changed without it.</summary>
    public bool IsDerived { get; init; }

    /// <summary>
    /// The field that takes the place of this one when it is given without it: what was kept of this one falls away then, so that nobody learns by
    /// a guess at the other whether it is that of the kept value.
    /// </summary>
    public string? ReplacedBy { get; init; }

    /// <summary>Shown in the empty field. Never a value that could be real.</summary>
    public string? Example { get; init; }

    /// <summary>What is wrong with a value that is not empty, as a sentence that says what would be right and repeats no sensitive value; null when nothing is.</summary>
    public Func<string, string?>? Check { get; init; }
}

/// <summary>A file whose drop fills in the fields of a type.</summary>
/// <param name="Accept">For the browser's file dialog: <c>.json</c>.</param>
/// <param name="Hint">What file, and where it comes from.</param>
/// <param name="Read">Fields by name; what is wrong is added to the errors, by field or under <see cref="CloudFile.Field"/>.</param>
public sealed record CloudFile(string Accept, string Hint, Func<string, IDictionary<string, string>, IReadOnlyDictionary<string, string>> Read)
{
    /// <summary>Where errors about the file itself stand.</summary>
    public const string Field = "file";
}
