using Microsoft.JSInterop;

namespace Portal.Shell;

/// <summary>What pages ask of the script in the browser (wwwroot/js). Nothing secret comes back through here.</summary>
public sealed class Browser(IJSRuntime script)
{
    /// <summary><c>system</c>, <c>light</c> or <c>dark</c>.</summary>
    public ValueTask<string?> ThemeAsync() => script.InvokeAsync<string?>("portal.theme.choice");

    public ValueTask SetThemeAsync(string choice) => script.InvokeVoidAsync("portal.theme.choose", choice);

    /// <summary>Tells a screen reader, without moving the focus.</summary>
    public ValueTask AnnounceAsync(string text) => script.InvokeVoidAsync("portal.announce", text);

    /// <summary>What was typed under this name and not yet used: it outlives reconnects and a new sign-in, not the tab.</summary>
    public ValueTask<string?> DraftAsync(string name) => script.InvokeAsync<string?>("portal.draft.read", name);

    public ValueTask KeepDraftAsync(string name, string? value) => script.InvokeVoidAsync("portal.draft.write", name, value);

    /// <summary>Keeps it, and fills the fields that bear the name of the draft.</summary>
    public ValueTask FillDraftAsync(string name, string value) => script.InvokeVoidAsync("portal.draft.fill", name, value);

    /// <summary>To the sign-in page, and back to this one afterwards.</summary>
    public ValueTask SignInAsync() => script.InvokeVoidAsync("portal.signIn");

    public ValueTask ScrollToTopAsync() => script.InvokeVoidAsync("portal.scrollToTop");

    public ValueTask FocusAsync(string elementId) => script.InvokeVoidAsync("portal.focus", elementId);
}
