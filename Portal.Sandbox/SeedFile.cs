namespace Portal.Sandbox;

/// <summary>Files under Seed/, which lie in the assembly.</summary>
internal static class SeedFile
{
    public static string Read(string name)
    {
        using var stream = typeof(SeedFile).Assembly.GetManifestResourceStream($"Portal.Sandbox.Seed.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <param name="postgresPort">Null: there is no PostgreSQL, so no database and no grant either.</param>
    public static string Access(int? postgresPort)
    {
        var text = Read("access.yaml");
        return postgresPort is null
            ? text[..text.IndexOf("databases:", StringComparison.Ordinal)] + "databases: []\n\ngrants: []\n"
            : text.Replace("port: 5432", $"port: {postgresPort}", StringComparison.Ordinal);
    }
}
