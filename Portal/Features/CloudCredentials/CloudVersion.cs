namespace Portal.Features.CloudCredentials;

/// <summary>The index's row of one version.</summary>
public sealed class CloudVersion
{
    /// <summary>Who wrote a version that the portal did not write.</summary>
    public const string Outside = "somebody at Vault";

    public Guid CredentialId { get; init; }

    /// <summary>Vault's.</summary>
    public int Number { get; init; }

    public DateTimeOffset At { get; init; }

    public required string ByProvider { get; init; }

    public required string BySubject { get; init; }

    public required string ByLogin { get; init; }

    /// <summary>Such as <c>registered</c>, <c>changed</c>, <c>restored from version 3</c>.</summary>
    public required string Act { get; init; }

    /// <summary>Names of the fields, and of <c>tags</c> and <c>endsAt</c>, that differ from the version before.</summary>
    public IReadOnlyList<string> Changed { get; init; } = [];

    /// <summary>Vault has nothing of it any more.</summary>
    public bool IsGone { get; set; }

    public CloudIdentity By => new(ByProvider, BySubject, ByLogin);

    internal static CloudVersion Of(CloudDocument document, int number) => new()
    {
        CredentialId = document.Id,
        Number = number,
        At = document.At,
        ByProvider = document.By.Provider,
        BySubject = document.By.Subject,
        ByLogin = document.By.Login,
        Act = document.Act,
        Changed = document.Changed,
    };
}

/// <summary>Somebody saw a value.</summary>
public sealed class CloudReveal
{
    public Guid Id { get; init; }

    public Guid CredentialId { get; init; }

    public required string Field { get; init; }

    /// <summary>The version that first held the value that was shown: see <see cref="CloudFieldState.Since"/>.</summary>
    public int Since { get; init; }

    public required string Provider { get; init; }

    public required string Subject { get; init; }

    public required string Login { get; init; }

    public DateTimeOffset At { get; init; }

    public CloudIdentity Who => new(Provider, Subject, Login);
}

/// <summary>
/// Something at this place in Vault is about to change. Written before, removed with what was recorded after: one that is left says that
/// the index has to look.
/// </summary>
public sealed class CloudMark
{
    public Guid Id { get; init; }

    public Guid TeamId { get; init; }

    public required string Name { get; init; }

    public DateTimeOffset At { get; init; }
}
