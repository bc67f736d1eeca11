namespace Portal.Tests.Features.Access;

/// <summary>Logins as other providers may have them, and what of each stays readable in a user's name on PostgreSQL and on MariaDB.</summary>
public static class LoginSamples
{
    // Vault puts a hyphen for whatever is neither ASCII letter nor digit, but none at the end.
    public static TheoryData<string, string, string> All => new()
    {
        { "alice", "v-alice-", "v-alice-" },
        { "o'neil", "v-o-neil-", "v-o-neil-" },
        { "octo-cat-of-thirty-nine-characters-in-a", "v-octo-cat-of-thirty-nine-", "v-octo-cat-of-thirty-" },
        { "Zoë-Łukasz", "v-Zo---ukasz-", "v-Zo---ukasz-" },
        { "日本語", "v----", "v----" },
        { "100%-sure", "v-100--sure-", "v-100--sure-" },
        { "%", "v--", "v--" },
        { "a@example.org", "v-a-example-org-", "v-a-example-org-" },
        { "\"; DROP TABLE mine; --", "v----DROP-TABLE-mine", "v----DROP-TABLE-mine" },
        { "'@'%'; DROP USER root; --", "v--------DROP-USER-root-", "v--------DROP-USER-r-" },
        { "\\' OR 1=1 /*", "v----OR-1-1-", "v----OR-1-1-" },
        { "{{password}}", "v---password-", "v---password-" },
        { "line\r\nbreak", "v-line--break-", "v-line--break-" },
    };
}
