namespace Portal.Sandbox.GitHub;

/// <summary>The people of the sandbox. Ids are part of what access files name.</summary>
internal static class GitHubSeed
{
    private const string Acme = "acme";
    private const string Elsewhere = "elsewhere";

    public static void Plant(GitHubState state)
    {
        state.AddUser("alice", "Alice Adams", 101, "alice@acme.example");
        state.AddUser("bob", "Bob Brown", 102, "bob@acme.example");
        state.AddUser("carol", "Carol Clark", 103, "carol@acme.example");
        state.AddUser("dave", "Dave Davis", 104, "dave@acme.example");
        state.AddUser("eve", "Eve Evans", 105, "eve@elsewhere.example");

        state.AddOrganization(Acme, 1001);
        foreach (var login in (string[])["alice", "bob", "carol", "dave"])
            state.AddToOrganization(Acme, login);
        state.AddTeam(Acme, "payments", 2001, "Payments");
        state.AddTeam(Acme, "on-call", 2002, "On-call");
        state.AddTeam(Acme, "platform", 2003, "Platform");
        state.AddTeam(Acme, "platform-admins", 2004, "Platform admins");
        state.AddToTeam(Acme, "payments", "alice");
        state.AddToTeam(Acme, "payments", "carol", TeamRole.Maintainer);
        state.AddToTeam(Acme, "on-call", "bob");
        state.AddToTeam(Acme, "platform", "carol", TeamRole.Maintainer);
        state.AddToTeam(Acme, "platform-admins", "dave");

        // A team of the same name in another organisation: it must give nothing.
        state.AddOrganization(Elsewhere, 1002);
        state.AddToOrganization(Elsewhere, "eve", OrganizationRole.Admin);
        state.AddTeam(Elsewhere, "payments", 2101, "Payments");
        state.AddToTeam(Elsewhere, "payments", "eve", TeamRole.Maintainer);
    }
}
