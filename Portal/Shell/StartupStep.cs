namespace Portal.Shell;

/// <summary>Something that has to be loaded once before the portal can serve people. Tried again until it succeeds.</summary>
/// <param name="Name">In plain words, for the log.</param>
public sealed record StartupStep(string Name, Func<CancellationToken, Task> LoadAsync);

public static class StartupSteps
{
    public static IServiceCollection AddStartupStep(
        this IServiceCollection services, string name, Func<IServiceProvider, CancellationToken, Task> load) =>
        services.AddSingleton(provider => new StartupStep(name, cancellationToken => load(provider, cancellationToken)));
}
