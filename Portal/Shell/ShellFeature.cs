using Microsoft.Extensions.Options;
using MudBlazor.Services;

namespace Portal.Shell;

public static class ShellFeature
{
    public static IServiceCollection AddShell(this IServiceCollection services)
    {
        services.AddOptions<PortalOptions>().BindConfiguration(PortalOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PortalOptions>, PortalOptions.Validation>();
        services.AddOptions<SecurityHeadersOptions>();
        services.AddRazorComponents().AddInteractiveServerComponents(options => options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(10));
        services.AddCascadingAuthenticationState();
        services.AddMudServices();
        services.AddScoped<Browser>();
        services.AddSingleton<TroubleWords>();
        services.AddProblemDetails(Problems.NameTrace);
        services.AddTelemetry();
        services.AddApi();
        services.AddExceptionHandler<VaultProblems>();
        services.AddExceptionHandler<ErrorPages>();
        return services;
    }

    /// <summary>First in the pipeline: every answer carries the headers, and what fails behind is said in plain words.</summary>
    public static void UseShell(this WebApplication app)
    {
        app.UseMiddleware<SecurityHeaders>();
        app.UseApi();
        app.UseExceptionHandler();
        app.UseStatusCodePages(context => ErrorPages.ShowStatusAsync(context.HttpContext));
    }

    /// <summary>Behind sign-in: the pages and their files.</summary>
    public static void MapShell(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options =>
        {
            // SecurityHeaders says it, for every answer and not only for this one.
            options.ContentSecurityFrameAncestorsPolicy = null;
        });
    }
}
