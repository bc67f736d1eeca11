using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Sandbox;

/// <summary>What a scenario makes in a Vault, under names that are fixed in it: another's Vault must not have them, and gets rid of them.</summary>
public static partial class TranscriptNames
{
    private const string Policies = "sys/policies/acl/";

    /// <summary>Skips the test rather than replace what somebody has there.</summary>
    public static async Task RequireNoneAsync(Transcript transcript, OutsideVault vault)
    {
        var taken = await ThereAsync(transcript, vault);
        Assert.SkipWhen(taken.Length > 0, $"That Vault has {string.Join(", ", taken)} already, which the scenario would replace.");
    }

    /// <summary>Takes away what a replay left: tokens, and the rest where it broke off.</summary>
    public static async Task ForgetAsync(Transcript transcript, OutsideVault vault)
    {
        var policies = Makes(transcript).Where(path => path.StartsWith(Policies, StringComparison.Ordinal)).Select(path => path[Policies.Length..]).ToHashSet();
        await vault.ForgetTokensAsync(policies.Contains);
        foreach (var path in await ThereAsync(transcript, vault))
            await vault.RemoveAsync(path);
    }

    private static async Task<string[]> ThereAsync(Transcript transcript, OutsideVault vault) => [.. (await vault.PathsAsync()).Intersect(Makes(transcript))];

    private static IEnumerable<string> Makes(Transcript transcript) =>
        transcript.Steps.Where(step => step.Request.Method is "POST" or "PUT" && Named().IsMatch(step.Request.Path)).Select(step => step.Request.Path);

    [GeneratedRegex(@"\A(sys/(mounts|auth|audit|policies/acl)|auth/token/roles)/[^/]+\z")]
    private static partial Regex Named();
}
