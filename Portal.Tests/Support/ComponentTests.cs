using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;
using Portal.Shell;

namespace Portal.Tests.Support;

/// <summary>Renders components as a circuit would; the browser's script answers nothing unless a test says what.</summary>
public abstract class ComponentTests : BunitContext
{
    protected ComponentTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices(options => options.PopoverOptions.CheckForPopoverProvider = false);
        Services.AddScoped<Portal.Shell.Browser>();
        Services.AddSingleton<TimeProvider>(Time);
        Services.AddSingleton(new TroubleWords([], NullLogger<TroubleWords>.Instance));
    }

    protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 13, 32, 0, TimeSpan.Zero));

    protected DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>What a person reads in it.</summary>
    protected static string Words<T>(IRenderedComponent<T> component)
        where T : IComponent => string.Join(' ', component.Nodes.Select(node => node.TextContent)).ReplaceLineEndings(" ");
}
