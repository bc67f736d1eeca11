using System.Text.RegularExpressions;

namespace Portal.Sandbox;

/// <summary>Files under Seed/, which lie in the assembly.</summary>
internal static partial class SeedFile
{
    public static string Read(string name)
    {
        using var stream = typeof(SeedFile).Assembly.GetManifestResourceStream($"Portal.Sandbox.Seed.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The access file. A server that is not there (null) is left out, with its roles and their grants.</summary>
    public static string Access(int? postgresPort, int? mariaDbPort)
    {
        var text = Serve(Read("access.yaml"), "shop", 5432, postgresPort);
        return Empty().Replace(Serve(text, "billing", 3306, mariaDbPort), "$1: []");
    }

    private static string Serve(string text, string connection, int seedPort, int? port) => port is null
        ? Regex.Replace(text, $@"^  - name: {connection}\n(?:    .*\n)+|^  - \{{.* role: {connection}-.*\n", "", RegexOptions.Multiline)
        : text.Replace($"port: {seedPort}", $"port: {port}", StringComparison.Ordinal);

    // A key whose entries all went.
    [GeneratedRegex(@"^(\w+):$(?!\n  )", RegexOptions.Multiline)]
    private static partial Regex Empty();
}
