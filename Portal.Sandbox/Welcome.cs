namespace Portal.Sandbox;

/// <summary>The one screen that a newcomer reads.</summary>
internal static class Welcome
{
    public static string Text(Sandbox sandbox, PortalProcess portal)
    {
        var below = Path.GetRelativePath(Environment.CurrentDirectory, sandbox.Folder.Path);
        var folder = below.StartsWith("..", StringComparison.Ordinal) ? sandbox.Folder.Path : below;
        return
            $"""

            Vault Portal   {Handover.Text(portal.Address)}

            Sign in as     alice   member of payments: shop-readonly; shop-readwrite needs approval
                           bob     member of on-call: no database
                           carol   maintainer of payments and platform: as alice
                           dave    member of platform-admins: portal admin
                           eve     in no team of acme: refused

            Around it      GitHub      {Handover.Text(sandbox.GitHub.Address)}
                           Vault       {Handover.Text(sandbox.Vault.Address)}   token in {folder}/sandbox.json
                           Kubernetes  {Handover.Text(sandbox.Kubernetes.Address)}   kubectl --kubeconfig {folder}/kubeconfig
                           PostgreSQL  {Postgres(sandbox)}

            Try            curl -H "Authorization: Bearer $(cat {folder}/tokens/alice)" {Handover.Text(portal.Address)}/api/v1/databases
                           {Psql(sandbox)}

            {Anew(sandbox)}Logs lie in {folder}/. Ctrl+C stops everything.

            """;
    }

    private static string Postgres(Sandbox sandbox) => sandbox.HasPostgres
        ? $"{sandbox.Postgres.Host}:{sandbox.Postgres.Port}, database shop{Elsewhere(sandbox)}"
        : "not installed, so there is no database: apt-get install postgresql";

    private static string Elsewhere(Sandbox sandbox) =>
        sandbox.Postgres.Directory == sandbox.Folder.Postgres ? string.Empty : $" (in {sandbox.Postgres.Directory}, where its user can walk)";

    private static string Psql(Sandbox sandbox) => sandbox.HasPostgres
        ? $"psql -h {sandbox.Postgres.Host} -p {sandbox.Postgres.Port} -d shop -U v-alice-…   as the portal's Databases page shows it"
        : "the portal's pages; Databases stays empty";

    private static string Anew(Sandbox sandbox) => sandbox.BeganAnew
        ? "The portal began anew: its Vault lives in memory, so what the last run issued and recorded is gone.\n"
        : string.Empty;
}
