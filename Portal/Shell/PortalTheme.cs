using MudBlazor;

namespace Portal.Shell;

/// <summary>
/// Type and measures. Colours are not here: <c>css/theme.css</c> holds them for both themes and hands them to MudBlazor's
/// variables, so that the browser switches themes by itself and the first paint is already right.
/// </summary>
public static class PortalTheme
{
    private static readonly string[] System = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Ubuntu", "Cantarell", "Helvetica Neue", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        LayoutProperties = new() { DefaultBorderRadius = "8px", DrawerWidthLeft = "216px", AppbarHeight = "56px" },
        Typography = new()
        {
            Default = new DefaultTypography { FontFamily = System, FontSize = "0.875rem", LineHeight = "1.45", LetterSpacing = "normal" },
            Body1 = new Body1Typography { FontFamily = System, FontSize = "0.875rem", LineHeight = "1.45", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontFamily = System, FontSize = "0.8125rem", LineHeight = "1.4", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontFamily = System, FontSize = "0.875rem", FontWeight = "600", LetterSpacing = "normal", TextTransform = "none" },
            Caption = new CaptionTypography { FontFamily = System, FontSize = "0.75rem", LetterSpacing = "normal" },
        },
    };
}
