using Microsoft.AspNetCore.Components;

namespace Portal.Shell;

/// <summary>A button of the home page that leads to what people get here. Features register theirs; the first one is the primary.</summary>
/// <param name="Icon">One of MudBlazor's SVG icons.</param>
public sealed record QuickAction(string Title, string Href, string Icon, int Order);

/// <summary>A component of the home page that shows what else a person holds; nothing when there is nothing.</summary>
public sealed record HomeSection(Type Component);

public static class HomeParts
{
    extension(IServiceCollection services)
    {
        public IServiceCollection AddQuickAction(QuickAction action) => services.AddSingleton(action);

        public IServiceCollection AddHomeSection<TComponent>()
            where TComponent : IComponent => services.AddSingleton(new HomeSection(typeof(TComponent)));
    }
}
