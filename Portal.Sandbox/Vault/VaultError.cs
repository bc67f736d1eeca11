namespace Portal.Sandbox.Vault;

/// <summary>An answer that says no: the status and the one message in <c>errors</c>.</summary>
internal sealed class VaultError(int status, string? message) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>Empty where Vault answers a status with no words.</summary>
    public string? Text { get; } = message;

    public static VaultError Invalid(string message) => new(400, message);

    /// <summary>What a handler returned as an error of its own, which Vault shows as a list of one.</summary>
    public static VaultError Fault(string message, int status = 500) => new(status, $"1 error occurred:\n\t* {message}\n\n");

    public static VaultError Denied() => Fault("permission denied", 403);
}
