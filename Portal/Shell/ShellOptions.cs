namespace Portal.Shell;

public sealed class ShellOptions
{
    public const string Section = "Portal";

    /// <summary>Text beside the product's name, to tell one portal from another: <c>sandbox</c>.</summary>
    public string? Label { get; set; }
}
