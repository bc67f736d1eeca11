using Microsoft.Extensions.Options;

namespace Portal.Vault;

/// <summary>The command <c>setup-vault</c>: brings Vault to the state that the portal needs, and says what it changed.</summary>
public static class SetupVault
{
    private const int Fine = 0;
    private const int Failed = 1;

    /// <param name="args">Flags, without the verb.</param>
    /// <param name="configuration">The portal's settings; <c>VAULT_TOKEN</c> is looked for here too.</param>
    /// <returns>Exit code: 0 when Vault is in the wanted state (or, in a dry run, could be told how it differs).</returns>
    public static async Task<int> RunAsync(
        string[] args, IConfiguration configuration, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (args.Contains("--help"))
        {
            await output.WriteLineAsync(SetupArguments.Usage);
            return Fine;
        }
        var mistakes = new List<string>();
        var arguments = SetupArguments.Parse(args, configuration["VAULT_TOKEN"], mistakes);
        await using var services = new ServiceCollection().AddSingleton(configuration).AddLogging().AddVault().BuildServiceProvider();
        mistakes.AddRange(SettingMistakes(services));
        if (mistakes.Count == 0)
            mistakes.AddRange(await ChangeAsync(services, arguments, output, cancellationToken));
        foreach (var mistake in mistakes)
            await error.WriteLineAsync(mistake);
        return mistakes.Count == 0 ? Fine : Failed;
    }

    private static IEnumerable<string> SettingMistakes(ServiceProvider services)
    {
        try
        {
            _ = services.GetRequiredService<IOptions<VaultOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return exception.Failures;
        }
        // A value that is no duration or address at all: the message names the key.
        catch (InvalidOperationException exception)
        {
            return [exception.Message];
        }
    }

    private static async Task<IReadOnlyList<string>> ChangeAsync(
        ServiceProvider services, SetupArguments arguments, TextWriter output, CancellationToken cancellationToken)
    {
        var address = services.GetRequiredService<IOptions<VaultOptions>>().Value.Address;
        try
        {
            var seal = await services.GetRequiredService<SystemBackend>().SealStatusAsync(cancellationToken);
            if (!seal.Initialized)
                return [$"Vault at {address} is not initialised: run `vault operator init`, unseal it, and try again."];
            if (seal.Sealed)
                return [$"Vault at {address} is sealed: unseal it and try again."];
            var changes = new SetupChanges(
                services.GetRequiredService<VaultAdmin>().WithToken(arguments.Token), arguments.DryRun, output);
            var names = services.GetRequiredService<VaultNames>();
            await new SetupSteps(changes, names, services.GetRequiredService<VaultPolicies>(), arguments).RunAsync(cancellationToken);
            await changes.SumUpAsync(arguments.TokenSource, cancellationToken);
            return changes.Mistakes;
        }
        catch (VaultException failure)
        {
            return [$"Vault at {address}: {failure.Message}. Run the command again: it goes on where it stopped."];
        }
    }
}
