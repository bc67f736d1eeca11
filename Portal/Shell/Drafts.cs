namespace Portal.Shell;

/// <summary>Names under which the browser keeps what was typed and not yet used. Never a secret.</summary>
public static class Drafts
{
    /// <summary>Why a credential is needed; asked alike for every kind.</summary>
    public const string Reason = "reason";

    public const string Duration = "duration";
}
