namespace Portal.Data;

public sealed class DatabaseOptions
{
    public const string Section = "Database";

    /// <summary>Of Sqlite, such as <c>Data Source=/var/lib/portal/portal.db</c>.</summary>
    public string ConnectionString { get; set; } = "Data Source=portal.db";
}
