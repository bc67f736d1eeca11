using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using MudBlazor.Services;

namespace Portal.Shell;

public static class ShellFeature
{
    public static IServiceCollection AddShell(this IServiceCollection services)
    {
        services.AddOptions<ShellOptions>().BindConfiguration(ShellOptions.Section);
        services.AddOptions<SecurityHeadersOptions>();
        services.AddRazorComponents().AddInteractiveServerComponents(options => options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(10));
        services.AddCascadingAuthenticationState();
        services.AddMudServices();
        services.AddScoped<Browser>();
        services.AddSingleton<TroubleWords>();
        return services;
    }

    /// <summary>First in the pipeline: every answer carries the headers, and what fails behind is shown in plain words.</summary>
    public static IApplicationBuilder UseShell(this IApplicationBuilder app) =>
        app.UseMiddleware<SecurityHeaders>()
            .UseExceptionHandler(failed => failed.Run(ShowErrorPageAsync))
            .UseWhen(IsForAPerson, pages => pages.UseStatusCodePagesWithReExecute("/not-found"));

    public static IEndpointConventionBuilder MapShell(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapRazorComponents<App>().AddInteractiveServerRenderMode(options =>
        {
            // SecurityHeaders says it, for every answer and not only for this one.
            options.ContentSecurityFrameAncestorsPolicy = null;
        });

    private static bool IsForAPerson(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static Task ShowErrorPageAsync(HttpContext context) =>
        new RazorComponentResult<ErrorPage>(new { Reference = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier })
        {
            StatusCode = StatusCodes.Status500InternalServerError,
        }.ExecuteAsync(context);
}
