using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.Access;
using Portal.Features.AccessTokens;
using Portal.Features.Audit;
using Portal.Features.CloudCredentials;
using Portal.Features.Credentials;
using Portal.Features.Databases;
using Portal.Features.Health;
using Portal.Features.SignIn;
using Portal.Features.Ssh;
using Portal.Features.Teams;
using Portal.Outbound;
using Portal.Shell;
using Portal.Vault;

namespace Portal;

/// <summary>The portal's table of contents: what it is made of, what it answers, and its commands.</summary>
public static class PortalApp
{
    public static WebApplicationBuilder AddPortal(this WebApplicationBuilder builder)
    {
        // An unpublished build finds its pages' scripts in any environment; a published one has no manifest and ignores this.
        builder.WebHost.UseStaticWebAssets();
        builder.Services
            .AddData()
            .AddVault()
            .AddOutbound()
            .AddShell()
            .AddAudit()
            .AddCredentials()
            .AddSignIn()
            .AddTeams()
            .AddAccessTokens()
            .AddDatabases()
            .AddSsh()
            .AddCloudCredentials()
            .AddHealth()
            .AddAccess();
        return builder;
    }

    public static WebApplication UsePortal(this WebApplication app)
    {
        app.UseShell();
        app.UseStartupGate();
        app.UseSignIn();
        app.UseAccessTokens();
        app.MapShell();
        app.MapHealth();
        app.MapSignIn();
        app.MapTeams();
        app.MapAccessTokens();
        app.MapCredentials();
        app.MapDatabases();
        app.MapSsh();
        app.MapCloudCredentials();
        return app;
    }

    /// <returns>The process's exit code: 0 fine, 1 failed, 2 mistakes in settings, flags or files.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            return args switch
            {
                ["setup-vault", .. var rest] => await SetupVaultAsync(rest),
                ["apply", .. var rest] => await ApplyAsync(rest),
                ["rebuild-index", .. var rest] => await RebuildIndexAsync(rest),
                [var unknown, ..] when !unknown.StartsWith('-') => Unknown(unknown),
                _ => await ServeAsync(args),
            };
        }
        catch (OptionsValidationException exception)
        {
            return Mistakes(exception.Failures);
        }
        catch (InvalidOperationException exception) when (exception.Message.StartsWith("Failed to convert configuration value", StringComparison.Ordinal))
        {
            return Mistakes([exception.Message]);
        }
        catch (AggregateException exception) when (exception.InnerExceptions.All(inner => inner is OptionsValidationException))
        {
            return Mistakes(exception.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures));
        }
    }

    private static async Task<int> ServeAsync(string[] args)
    {
        await using var app = CreateBuilder(args).AddPortal().Build();
        // Before anything uses a setting, so that all mistakes are told at once.
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        app.UsePortal();
        await app.RunAsync();
        return 0;
    }

    private static async Task<int> SetupVaultAsync(string[] args)
    {
        using var stop = new Interruption();
        return await SetupVault.RunAsync(args, CreateBuilder([]).Configuration, Console.Out, Console.Error, stop.Token);
    }

    private static async Task<int> ApplyAsync(string[] args)
    {
        using var stop = new Interruption();
        await using var app = CreateBuilder([]).AddPortal().Build();
        return await ApplyAccess.RunAsync(args, app.Services, Console.Out, Console.Error, stop.Token);
    }

    private static async Task<int> RebuildIndexAsync(string[] args)
    {
        using var stop = new Interruption();
        await using var app = CreateBuilder([]).AddPortal().Build();
        return await RebuildIndex.RunAsync(args, app.Services, Console.Out, Console.Error, stop.Token);
    }

    // Settings and pages lie beside the program, wherever it is started from.
    private static WebApplicationBuilder CreateBuilder(string[] args) =>
        WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

    private static int Unknown(string verb)
    {
        Console.Error.WriteLine($"Unknown command {verb}. The portal serves without one; its commands are setup-vault, apply and rebuild-index.");
        return 2;
    }

    private static int Mistakes(IEnumerable<string> mistakes)
    {
        Console.Error.WriteLine("The portal does not start with these settings:");
        foreach (var mistake in mistakes)
            Console.Error.WriteLine($"  {mistake}");
        return 2;
    }

    /// <summary>Ctrl+C ends a command between two steps instead of within one.</summary>
    private sealed class Interruption : IDisposable
    {
        private readonly CancellationTokenSource _source = new();

        public Interruption() => Console.CancelKeyPress += Cancel;

        public CancellationToken Token => _source.Token;

        public void Dispose()
        {
            Console.CancelKeyPress -= Cancel;
            _source.Dispose();
        }

        private void Cancel(object? sender, ConsoleCancelEventArgs pressed)
        {
            pressed.Cancel = true;
            _source.Cancel();
        }
    }
}
