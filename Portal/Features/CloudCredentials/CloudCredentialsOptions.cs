namespace Portal.Features.CloudCredentials;

public sealed class CloudCredentialsOptions
{
    public const string Section = "CloudCredentials";

    /// <summary>How often each credential is verified by itself.</summary>
    public TimeSpan VerifyInterval { get; set; } = TimeSpan.FromHours(24);
}
