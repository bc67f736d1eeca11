namespace Portal.Features.Databases;

public static class DatabaseEngines
{
    public const string PostgreSql = "postgresql";

    /// <summary>The engine as its makers write it.</summary>
    public static string Title(string engine) => engine switch
    {
        PostgreSql => "PostgreSQL",
        _ => engine,
    };
}
