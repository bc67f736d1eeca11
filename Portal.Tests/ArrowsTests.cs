using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Portal.Tests.Support;

namespace Portal.Tests;

/// <summary>Who may know whom in the product: features know Vault, Data and Shell, and of each other only the types named here.</summary>
public partial class ArrowsTests
{
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["AccessTokens → Audit"] = ["AuditTrail", "AuditEntry", "AuditKey"],
        ["AccessTokens → Credentials"] = ["CredentialChanges"],
        ["AccessTokens → Health"] = ["HealthChecklist", "HealthStatus"],
        ["AccessTokens → SignIn"] = ["Actor", "BearerToken", "DisplayName", "User"],
        ["AccessTokens → Teams"] = ["MembershipCheck", "SignedOutException"],
        ["Access → Audit"] = ["AuditTrail", "AuditEntry", "AuditKey"],
        ["Access → CloudCredentials"] = ["CloudState"],
        ["Access → Credentials"] = ["CredentialInventory", "CredentialState"],
        ["Access → Databases"] = ["DatabaseConnection", "DatabaseRole", "DatabaseGrant", "DatabaseEngines"],
        ["Access → Ssh"] = ["SshRole", "SshGrant"],
        ["Access → Teams"] = ["Team", "StableId"],
        ["Audit → SignIn"] = ["Actor"],
        ["Audit → Teams"] = ["MembershipCheck"],
        ["CloudCredentials → Audit"] = ["AuditTrail", "AuditEntry", "AuditKey"],
        ["CloudCredentials → Health"] = ["HealthChecklist", "HealthStatus"],
        ["CloudCredentials → SignIn"] = ["Actor", "GitHubOptions", "KeyedLocks", "User"],
        ["CloudCredentials → Teams"] = ["Team", "TeamAccess", "TeamMembers", "TeamRole", "MembershipCheck", "SignedOutException"],
        ["CloudCredentials → Ssh"] = ["SshKeyBlob", "SshKeyTypes", "SshPublicKey", "SshReader", "SshWriter"],
        ["Credentials → Audit"] = ["AuditTrail", "AuditEntry"],
        ["Credentials → SignIn"] = ["Actor"],
        ["Databases → Audit"] = ["AuditTrail", "AuditEntry", "AuditKey"],
        ["Databases → Credentials"] = ["IssueRules", "Credential", "CredentialKind", "CredentialState", "CredentialChanges", "CredentialInventory", "CredentialView", "CredentialHandling", "CredentialWords", "ExtendOutcome", "RevokeOutcome", "HeldCredentials"],
        ["Databases → Health"] = ["HealthChecklist", "HealthSummary", "HealthStatus"],
        ["Databases → SignIn"] = ["Actor"],
        ["Databases → Teams"] = ["Team", "TeamAccess", "MembershipCheck", "SignedOutException"],
        ["Health → CloudCredentials"] = ["CloudState"],
        ["Health → Credentials"] = ["Credential", "CredentialState"],
        ["Health → SignIn"] = ["Actor"],
        ["Health → Teams"] = ["MembershipCheck", "SignedOutException", "Team"],
        ["SignIn → AccessTokens"] = ["AccessToken", "AccessTokenState", "Whitelist"],
        ["SignIn → Audit"] = ["AuditTrail", "AuditEntry"],
        ["SignIn → Teams"] = ["GitHubMemberships", "GitHubStanding", "MembershipLedger"],
        ["Ssh → Audit"] = ["AuditTrail", "AuditEntry", "AuditKey"],
        ["Ssh → Credentials"] = ["Credential", "CredentialKind", "CredentialState", "CredentialChanges", "CredentialHandling", "CredentialInventory", "CredentialWords", "ExtendOutcome", "HeldCredentials", "RevokeOutcome", "IssueRules"],
        ["Ssh → Health"] = ["HealthChecklist", "HealthStatus"],
        ["Ssh → SignIn"] = ["Actor", "GitHubClient", "GitHubException", "GitHubTokens"],
        ["Ssh → Teams"] = ["Team", "TeamAccess", "MembershipCheck", "SignedOutException"],
        ["Teams → AccessTokens"] = ["AccessTokenInventory"],
        ["Teams → Audit"] = ["AuditTrail", "AuditEntry"],
        ["Teams → Credentials"] = ["CredentialInventory"],
        ["Teams → SignIn"] =
        [
            "Actor", "User", "Session", "Sessions", "SessionEnds", "SignInOptions", "GitHubOptions", "GitHubClient", "GitHubException", "GitHubFailure",
            "GitHubOrganization", "GitHubTeam", "GitHubTokens", "GitHubUser",
        ],
    };

    public static TheoryData<string> Files => [.. Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "Portal"), "*.*", SearchOption.AllDirectories)
        .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".razor", StringComparison.Ordinal))
        .Select(file => Path.GetRelativePath(Path.Combine(Repository.Root, "Portal"), file))
        .Where(file => !file.StartsWith("PortalApp", StringComparison.Ordinal) && !file.Contains("Migrations"))];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_knows_only_what_its_room_may_know(string file)
    {
        var source = File.ReadAllText(Path.Combine(Repository.Root, "Portal", file));
        var parts = file.Split(Path.DirectorySeparatorChar);
        var room = parts[0] == "Features" ? parts[1] : null;

        foreach (var target in FeatureNames().Matches(source).Select(match => match.Groups[1].Value).Distinct().Where(target => target != room))
        {
            room.ShouldNotBeNull($"{file} is not a feature and knows the feature {target}");
            s_allowed.ShouldContainKey($"{room} → {target}", $"{file} reaches from {room} to {target}");
            var used = PublicTypesOf(target).Where(type => Regex.IsMatch(source, $@"\b{type}\b"));
            used.Except(s_allowed[$"{room} → {target}"]).ShouldBeEmpty($"{file} uses types of {target} that are not named for others");
        }
    }

    [Fact]
    public void Data_and_Vault_know_neither_shell_nor_each_other_upwards()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "Portal", "Vault"), "*.cs"))
            File.ReadAllText(file).ShouldNotContain("using Portal.Data", customMessage: file);
        foreach (var folder in new[] { "Vault", "Data" })
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "Portal", folder), "*.cs"))
                File.ReadAllText(file).ShouldNotContain("using Portal.Shell", customMessage: file);
        }
    }

    // Pages are reached by their addresses.
    private static IEnumerable<string> PublicTypesOf(string room) =>
        Assembly.Load("Portal").GetExportedTypes()
            .Where(type => type.Namespace == $"Portal.Features.{room}" && !type.IsNested && type.GetCustomAttribute<RouteAttribute>() is null && !type.Name.Contains('`') && !type.Name.EndsWith("Data", StringComparison.Ordinal))
            .Select(type => type.Name);

    [GeneratedRegex(@"\bPortal\.Features\.(\w+)")]
    private static partial Regex FeatureNames();
}
