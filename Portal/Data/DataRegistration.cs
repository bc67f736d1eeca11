using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.Options;

namespace Portal.Data;

public static class DataRegistration
{
    public static IServiceCollection AddData(this IServiceCollection services)
    {
        services.AddOptions<DatabaseOptions>().BindConfiguration(DatabaseOptions.Section)
            .Validate(
                options => !string.IsNullOrWhiteSpace(options.ConnectionString),
                "Database:ConnectionString is missing; it names the Sqlite file, such as Data Source=/var/lib/portal/portal.db.")
            .ValidateOnStart();
        return services
            .AddDbContextFactory<PortalDb>((provider, db) =>
                db.UseSqlite(provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.ConnectionString))
            .AddHostedService<Migration>();
    }

    /// <summary>Brings the database to this version's shape before anything else starts.</summary>
    public sealed class Migration(IDbContextFactory<PortalDb> databases) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.Database.MigrateAsync(cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>For <c>dotnet ef</c> alone.</summary>
    public sealed class DesignTimeFactory : IDesignTimeDbContextFactory<PortalDb>
    {
        public PortalDb CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PortalDb>().UseSqlite("Data Source=:memory:").Options);
    }
}
