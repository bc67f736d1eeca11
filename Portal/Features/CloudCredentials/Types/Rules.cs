using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

/// <summary>Checks that several types have in common. Their sentences never repeat the value.</summary>
internal static partial class Rules
{
    public const int LongestUrl = 2048;

    /// <param name="sentence">What would be right.</param>
    public static Func<string, string?> Form(Regex form, string sentence) => text => form.IsMatch(text) ? null : sentence;

    public static Func<string, string?> Guid(string title) =>
        text => System.Guid.TryParseExact(text, "D", out _) ? null : $"{title} is a GUID, such as 00000000-0000-0000-0000-000000000000.";

    /// <summary>Visible ASCII, as tokens and keys have it.</summary>
    public static Func<string, string?> Token(string title) =>
        text => text.All(letter => letter is > ' ' and <= '~') ? null : $"{title} has letters, digits and signs without blanks: copy it again.";

    public static Func<string, string?> OneLine(string title) => text => text.Any(char.IsControl) ? $"{title} is one line of text." : null;

    /// <summary>An absolute https address without user and fragment.</summary>
    public static Func<string, string?> HttpsUrl(string title, string example) =>
        text => text.All(letter => letter is > ' ' and <= '~' and not ('\\' or '@' or '#'))
            && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && url.Host.Length > 0
            ? null
            : $"{title} is an https address, such as {example}.";

    public static Func<string, string?> Mail(string title) =>
        text => MailAddress().IsMatch(text) ? null : $"{title} is an e-mail address, such as name@example.org.";

    [GeneratedRegex(@"^[^@\s\p{C}]{1,200}@[^@\s\p{C}]{1,250}\z")]
    private static partial Regex MailAddress();
}
