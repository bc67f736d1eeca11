namespace Portal.Shell;

/// <summary>Text for people to paste into a shell.</summary>
public static class PosixShell
{
    /// <summary>One word, whatever is in it: nothing but the quote itself is special between single quotes.</summary>
    public static string Quoted(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
