namespace Portal.Vault;

public enum VaultFailure
{
    /// <summary>No answer, or none in time.</summary>
    Unreachable,

    Sealed,

    /// <summary>Refused, also after one fresh login.</summary>
    Denied,

    /// <summary>Vault objects to what was asked; <see cref="VaultException.Errors"/> says why.</summary>
    Invalid,

    Unexpected,
}

/// <summary>
/// Vault said no, or nothing. Carries Vault's own words and the path, never a token, a secret or a body.
/// What is not there is <see langword="null"/> and no exception.
/// </summary>
public sealed class VaultException(
    VaultFailure failure, string path, int? status = null, IReadOnlyList<string>? errors = null, Exception? inner = null)
    : Exception(Describe(failure, path, status, errors ?? []), inner)
{
    public VaultFailure Failure => failure;

    /// <summary>The path below <c>/v1/</c>.</summary>
    public string Path => path;

    /// <summary>The answer's HTTP status, if there was an answer.</summary>
    public int? Status => status;

    /// <summary>Vault's own words, or what went wrong on the way to it.</summary>
    public IReadOnlyList<string> Errors { get; } = errors ?? [];

    /// <summary><see cref="Errors"/> as one sentence.</summary>
    public string Words => string.Join("; ", Errors);

    private static string Describe(VaultFailure failure, string path, int? status, IReadOnlyList<string> errors)
    {
        var what = failure switch
        {
            VaultFailure.Unreachable => "Vault is unreachable",
            VaultFailure.Sealed => "Vault is sealed",
            VaultFailure.Denied => "Vault refuses",
            VaultFailure.Invalid => "Vault objects",
            _ => "Vault answers unexpectedly",
        };
        var words = errors.Count > 0 ? $": {string.Join("; ", errors)}" : "";
        return $"{what} ({path}{(status is null ? "" : $", status {status}")}){words}";
    }
}
