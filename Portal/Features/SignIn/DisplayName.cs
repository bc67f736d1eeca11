namespace Portal.Features.SignIn;

/// <summary>Names are whatever people typed at the provider. The portal shows them beside other text, which they must not turn around or break.</summary>
public static class DisplayName
{
    public const int Longest = 200;

    /// <returns>Without control characters and changes of direction, cut to <see cref="Longest"/>; null when nothing is left.</returns>
    public static string? Clean(string? name)
    {
        var plain = string.Concat((name ?? "").Where(c => !char.IsControl(c) && !TurnsText(c))).Trim();
        if (plain.Length > Longest)
            plain = plain[..(char.IsHighSurrogate(plain[Longest - 1]) ? Longest - 1 : Longest)];
        return plain.Length > 0 ? plain : null;
    }

    // Unicode's bidirectional embeddings, overrides, isolates and marks.
    private static bool TurnsText(char c) => c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u200e' or '\u200f' or '\u061c';
}
