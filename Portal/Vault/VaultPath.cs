namespace Portal.Vault;

/// <summary>Builds paths below <c>/v1/</c> from parts that are never taken for anything but one segment each.</summary>
internal static class VaultPath
{
    /// <summary>Joins fixed and given parts; a part may hold several segments.</summary>
    public static string Of(params ReadOnlySpan<string> parts)
    {
        var segments = new List<string>();
        foreach (var part in parts)
            foreach (var segment in part.Split('/'))
                segments.Add(Segment(segment));
        return string.Join('/', segments);
    }

    /// <summary>One name, which may hold no slash.</summary>
    public static string Name(string name) =>
        name.Contains('/') ? throw new ArgumentException("A name in Vault holds no slash.", nameof(name)) : name;

    private static string Segment(string segment) =>
        segment is "" or "." or ".." || segment.Any(char.IsControl)
            ? throw new ArgumentException("A path in Vault has no empty or dotted segments and no control characters.", nameof(segment))
            : Uri.EscapeDataString(segment);
}
