using System.Text;

namespace Portal.Sandbox.Kubernetes;

internal static class Kubeconfig
{
    public static string Text(Uri address, string caPem, string token) => $"""
        apiVersion: v1
        kind: Config
        current-context: sandbox
        clusters:
        - name: sandbox
          cluster:
            server: {address.GetLeftPart(UriPartial.Authority)}
            certificate-authority-data: {Convert.ToBase64String(Encoding.ASCII.GetBytes(caPem))}
        contexts:
        - name: sandbox
          context:
            cluster: sandbox
            user: sandbox
        users:
        - name: sandbox
          user:
            token: {token}

        """;

    /// <summary>Replaces the file in one step; nobody but the owner can ever read it.</summary>
    public static void Write(string path, string text)
    {
        var draft = $"{path}.{Guid.CreateVersion7():n}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new StreamWriter(draft, new UTF8Encoding(false), options))
            file.Write(text);
        File.Move(draft, path, overwrite: true);
    }
}
