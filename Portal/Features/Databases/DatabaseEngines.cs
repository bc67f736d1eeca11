namespace Portal.Features.Databases;

/// <summary>The kinds of database servers that people connect to. How Vault manages their users is known to access as code.</summary>
public static class DatabaseEngines
{
    public const string PostgreSql = "postgresql";
    public const string MariaDb = "mariadb";

    private static readonly Dictionary<string, Engine> s_engines = new()
    {
        [PostgreSql] = new("PostgreSQL", PostgreSqlForms.Of),
        [MariaDb] = new("MariaDB", MariaDbForms.Of),
    };

    /// <summary>The engine as its makers write it.</summary>
    public static string Title(string engine) => s_engines.TryGetValue(engine, out var known) ? known.Title : engine;

    /// <summary>A login in the forms that the engine's people paste.</summary>
    public static IReadOnlyList<ConnectionForm> Forms(IssuedCredential credential) => s_engines[credential.Address.Engine].Forms(credential);

    /// <summary>A login as one URL.</summary>
    public static string Url(IssuedCredential credential) => Forms(credential).Single(form => form.Name == "URL").Text;

    private sealed record Engine(string Title, Func<IssuedCredential, IReadOnlyList<ConnectionForm>> Forms);
}
