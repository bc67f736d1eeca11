namespace Portal.Sandbox.GitHub;

/// <summary>The people of the sandbox. Ids are part of what access files name.</summary>
internal static class GitHubSeed
{
    private const string Acme = "acme";
    private const string Elsewhere = "elsewhere";

    // Nobody has the private halves any more.
    private const string BobsKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE+ycR4sGlwCdbu23ZujaRS8EfxYsla+q8oXrVDwnvCh";
    private const string CarolsKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICAZwXq1h84e+EK3zgQlb7tDUhpYXZP/EO6tvDiI4TRt";

    // Of 2048 bits, which the portal does not sign.
    private const string BobsOldKey = "ssh-rsa "
        + "AAAAB3NzaC1yc2EAAAADAQABAAABAQDSyqKSsXbFY/Wt/vCGxEYzkfY0yexe42k2uR/Vqjh+82PkmnZg3JSQ6bEx5lpaW8Io8dY3eRTsU6ajtMLRAVHUgB1n4oRB/9dR"
        + "Kt8ebCYHiM45Aeq0kidsqB7kKMmJFLz5QAghPmYbWA4wyHy5MsBdE08mz1ox5CpJOr7SArXEO22kWjp2oqMRah8t9vNOB5CJzioM5C3lnxKL/IA56Kpxot40Esh0lIEK"
        + "LJrmILrhKi3m7+HClaylHFORGAIah93a5H3nf2QUlGBHPVI29qEG+CqyOoZs/x755EKUYiCBvFLrD0AolCevGrv63NNmp1KNQEg8yEIJwgDmSU4uhNnZ";

    public static void Plant(GitHubState state)
    {
        state.AddUser("alice", "Alice Adams", 101, "alice@acme.example");
        state.AddUser("bob", "Bob Brown", 102, "bob@acme.example", BobsKey, BobsOldKey);
        state.AddUser("carol", "Carol Clark", 103, "carol@acme.example", CarolsKey);
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
