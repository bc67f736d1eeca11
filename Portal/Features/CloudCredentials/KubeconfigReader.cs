using System.Text;
using Portal.Shell;

namespace Portal.Features.CloudCredentials;

/// <summary>Reads one kubeconfig into a <see cref="Kubeconfig"/>; collects what is wrong by line, and repeats nothing of the text.</summary>
internal sealed class KubeconfigReader(Mistakes mistakes)
{
    private const string Keep = "keep one: kubectl config view --raw --minify --flatten";
    private const string OnlyThere = "which is on your computer alone; put its content here: kubectl config view --raw --minify --flatten";
    private const int MostShown = 3;

    private static readonly YamlFile s_file = new("a kubeconfig", "the keys clusters, contexts and users", Kubeconfig.Longest, IsSecret: true);

    private static readonly Dictionary<string, string> s_refusedInClusters = new(StringComparer.Ordinal)
    {
        ["certificate-authority"] = $"certificate-authority names a file, {OnlyThere}",
        ["proxy-url"] = "proxy-url is not taken: the cluster is asked directly; leave it out",
    };

    private static readonly Dictionary<string, string> s_refusedInUsers = new(StringComparer.Ordinal)
    {
        ["exec"] = "exec runs a program, which is never done here; give the token of a service account: kubectl create token",
        ["auth-provider"] = "auth-provider needs a program, and Kubernetes no longer knows it; give the token of a service account: kubectl create token",
        ["client-certificate"] = $"client-certificate names a file, {OnlyThere}",
        ["client-key"] = $"client-key names a file, {OnlyThere}",
        ["tokenFile"] = "tokenFile names a file, which is on your computer alone; put the token itself under token",
        ["as"] = "as acts in another's name, which is not taken; give that user's own credential",
        ["as-uid"] = "as-uid acts in another's name, which is not taken; give that user's own credential",
        ["as-groups"] = "as-groups acts in others' names, which is not taken; give a credential that has these groups",
        ["as-user-extra"] = "as-user-extra acts in another's name, which is not taken; give that user's own credential",
        ["username"] = "username and password are no longer taken by Kubernetes; give a token or a client certificate",
        ["password"] = "username and password are no longer taken by Kubernetes; give a token or a client certificate",
    };

    private readonly KubeconfigSecrets _secrets = new(mistakes);

    public static Kubeconfig? Read(string text, out string? mistake)
    {
        var mistakes = new Mistakes();
        var kubeconfig = YamlTree.Read(text, s_file, mistakes) is { } root && !mistakes.Any ? new KubeconfigReader(mistakes).File(root) : null;
        mistake = mistakes.Any ? Words(mistakes.ByLine) : null;
        return mistakes.Any ? null : kubeconfig;
    }

    private Kubeconfig? File(YamlNode node)
    {
        if (node is not YamlMap root)
        {
            mistakes.Add(node.Line, "this is no kubeconfig, which has the keys clusters, contexts and users");
            return null;
        }

        if (root.Text("kind") is { } kind && kind.Value != "Config")
            mistakes.Add(kind.Line, "kind is not Config, which is that of a kubeconfig");
        if (Only(root, "contexts", "context") is not { } context)
            return null;
        if (root.Text("current-context") is { } current && current.Value != context.Name)
            mistakes.Add(current.Line, "current-context names a context that is not here");
        var cluster = Only(root, "clusters", "cluster");
        var user = Only(root, "users", "user");
        Compare(context, "cluster", cluster);
        Compare(context, "user", user);
        return cluster is null || user is null ? null : Judge(context, cluster, user);
    }

    private Kubeconfig? Judge(Entry context, Entry cluster, Entry user)
    {
        Refuse(cluster.Map, s_refusedInClusters);
        Refuse(user.Map, s_refusedInUsers);
        if (cluster.Map.Given("insecure-skip-tls-verify") is { } skip && skip is not YamlText { Plain: true, Value: "false" or "False" or "FALSE" })
            mistakes.Add(skip.Line, "insecure-skip-tls-verify trusts anybody who answers; leave it out and give certificate-authority-data");
        var server = Server(cluster);
        var serverName = cluster.Map.Text("tls-server-name");
        if (serverName is not null && Uri.CheckHostName(serverName.Value) == UriHostNameType.Unknown)
            mistakes.Add(serverName.Line, "tls-server-name is no host name, such as kubernetes.example.org");
        var ca = _secrets.Authorities(cluster.Map);
        var token = _secrets.Token(user.Map);
        var (certificate, key) = _secrets.Client(user.Map);
        if (token is null && certificate is null && !mistakes.Any)
            mistakes.Add(user.Map.Line, "the user has no credential: token, or client-certificate-data with client-key-data, is missing");
        if (mistakes.Any)
            return null;
        return new Kubeconfig(server!, context.Name, cluster.Name, user.Name)
        {
            CaCertificates = ca, Token = token, ClientCertificate = certificate, ClientKey = key,
            TlsServerName = serverName?.Value, Namespace = context.Map.Text("namespace")?.Value,
        };
    }

    private Entry? Only(YamlMap root, string list, string content)
    {
        if (root.Given(list) is not YamlList { Items: var items } found)
        {
            mistakes.Add(root.Given(list)?.Line ?? root.Line, $"the list {list} is missing");
            return null;
        }

        if (items.Count != 1)
        {
            mistakes.Add(found.Line, $"{items.Count} {list} are here; {Keep}");
            return null;
        }

        if (items[0] is YamlMap entry && entry.Text("name") is { } name && entry.Given(content) is YamlMap map)
            return new Entry(name.Value, map);
        mistakes.Add(items[0].Line, $"the entry of {list} lacks the keys name and {content}");
        return null;
    }

    private void Compare(Entry context, string key, Entry? named)
    {
        var text = context.Map.Text(key);
        if (text is null)
            mistakes.Add(context.Map.Line, $"the context has no {key}");
        else if (named is not null && text.Value != named.Name)
            mistakes.Add(text.Line, $"the context names a {key} that is not here");
    }

    private void Refuse(YamlMap map, Dictionary<string, string> refused)
    {
        foreach (var (key, value) in map.Pairs.Where(pair => refused.ContainsKey(pair.Key.Value) && map.Given(pair.Key.Value) is not null))
            mistakes.Add(value.Line, refused[key.Value]);
    }

    private Uri? Server(Entry cluster)
    {
        if (cluster.Map.Text("server") is not { } text)
        {
            mistakes.Add(cluster.Map.Line, "the cluster has no server, such as https://kubernetes.example.org:6443");
            return null;
        }

        var isPlain = text.Value.All(letter => letter is > ' ' and <= '~' and not ('\\' or '@' or '?' or '#'));
        if (isPlain && Uri.TryCreate(text.Value, UriKind.Absolute, out var server) && server.Scheme == Uri.UriSchemeHttps && server.Host.Length > 0)
            return server;
        mistakes.Add(text.Line, "server is not an https address without user, query and fragment, such as https://kubernetes.example.org:6443");
        return null;
    }

    private static string Words(IReadOnlyList<Mistake> found)
    {
        var words = new StringBuilder();
        foreach (var mistake in found.Take(MostShown))
            words.Append(words.Length == 0 ? "" : " ").Append("Line ").Append(mistake.Line).Append(": ").Append(mistake.Says).Append('.');
        return found.Count > MostShown ? words.Append(" There are ").Append(found.Count).Append(" mistakes in all.").ToString() : words.ToString();
    }

    private sealed record Entry(string Name, YamlMap Map);
}
