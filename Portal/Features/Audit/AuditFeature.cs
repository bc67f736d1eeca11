namespace Portal.Features.Audit;

public static class AuditFeature
{
    public static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSingleton<AuditKey>()
        .AddSingleton<AuditTrail>()
        .AddSingleton<AuditLog>();
}
