namespace Portal.Features.Databases;

public static class DatabaseWords
{
    public static string Engine(string engine) => engine switch
    {
        "postgresql" => "PostgreSQL",
        _ => engine,
    };
}
