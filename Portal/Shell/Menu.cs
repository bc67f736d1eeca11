using Microsoft.AspNetCore.Components;

namespace Portal.Shell;

/// <summary>An entry of the menu. Features register theirs, so the shell knows none of them.</summary>
/// <param name="Icon">One of MudBlazor's SVG icons.</param>
/// <param name="Order">Below 100: daily work; above: looking after it, under a line.</param>
/// <param name="Badge">A component shown behind the title, such as a dot for trouble.</param>
public sealed record MenuEntry(string Title, string Href, string Icon, int Order, Type? Badge = null);

/// <summary>A component on top of every page, which shows itself only when something is wrong.</summary>
public sealed record TopBar(Type Component);

public static class MenuExtensions
{
    extension(IServiceCollection services)
    {
        public IServiceCollection AddMenuEntry(MenuEntry entry) => services.AddSingleton(entry);

        public IServiceCollection AddTopBar<TComponent>()
            where TComponent : IComponent => services.AddSingleton(new TopBar(typeof(TComponent)));
    }
}
