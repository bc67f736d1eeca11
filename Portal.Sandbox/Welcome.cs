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

            Sign in as     alice   member of payments: shop-readonly, billing-readonly; shop-readwrite needs approval
                           bob     member of on-call: SSH role oncall, with port forwarding
                           carol   maintainer of payments and platform: as alice; SSH role deploy
                           dave    member of platform-admins: portal admin
                           eve     in no team of acme: refused

            Around it      GitHub      {Handover.Text(sandbox.GitHub.Address)}
                           Vault       {Handover.Text(sandbox.Vault.Address)}   token in {folder}/sandbox.json
                           Kubernetes  {Handover.Text(sandbox.Kubernetes.Address)}   kubectl --kubeconfig {folder}/kubeconfig
                           Clouds      a good credential of each type to register in {folder}/clouds
                           PostgreSQL  {Postgres(sandbox)}
                           MariaDB     {MariaDb(sandbox)}
                           sshd        {Ssh(sandbox)}

            Try            {string.Join("\n               ", Examples(sandbox, folder, portal))}

            {Anew(sandbox)}Logs lie in {folder}/. Ctrl+C stops everything.

            """;
    }

    private static string Postgres(Sandbox sandbox) => sandbox.HasPostgres
        ? $"{sandbox.Postgres.Host}:{sandbox.Postgres.Port}, database shop{Elsewhere(sandbox.Folder.Postgres, sandbox.Postgres.Directory)}"
        : "not installed, so there is no shop: apt-get install postgresql";

    private static string MariaDb(Sandbox sandbox) => sandbox.HasMariaDb
        ? $"{sandbox.MariaDb.Host}:{sandbox.MariaDb.Port}, database billing{Elsewhere(sandbox.Folder.MariaDb, sandbox.MariaDb.Folder)}"
        : "not installed, so there is no billing: apt-get install mariadb-server-core mariadb-client-core";

    private static string Ssh(Sandbox sandbox) => sandbox.Ssh is { } ssh
        ? $"{ssh.Host}:{ssh.Port}, where deploy and ubuntu lead to {ssh.User}{(ssh.Folder == sandbox.Folder.Ssh ? string.Empty : $" (in {ssh.Folder}, above which nobody else may write)")}"
        : "not installed, so certificates open nothing: apt-get install openssh-server";

    private static string Elsewhere(string wanted, string path) => path == wanted ? string.Empty : $" (in {path}, where its user can walk)";

    private static IEnumerable<string> Examples(Sandbox sandbox, string folder, PortalProcess portal)
    {
        yield return $"curl -H \"Authorization: Bearer $(cat {folder}/tokens/alice)\" {Handover.Text(portal.Address)}/api/v1/databases";
        if (sandbox.HasPostgres)
            yield return $"psql -h {sandbox.Postgres.Host} -p {sandbox.Postgres.Port} -d shop -U v-alice-…   as the portal's Databases page shows it";
        if (sandbox.HasMariaDb)
            yield return $"mariadb -h {sandbox.MariaDb.Host} -P {sandbox.MariaDb.Port} -u v-alice-… -p billing   likewise";
        if (sandbox.Ssh is { } ssh)
            yield return $"ssh -i KEY -p {ssh.Port} -o UserKnownHostsFile={ssh.KnownHosts} {ssh.User}@{ssh.Host}   with KEY-cert.pub beside it";
    }

    private static string Anew(Sandbox sandbox) => sandbox.BeganAnew
        ? "The portal began anew: its Vault lives in memory, so what the last run issued and recorded is gone.\n"
        : string.Empty;
}
