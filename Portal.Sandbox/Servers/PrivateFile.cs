using System.Text;

namespace Portal.Sandbox.Servers;

/// <summary>Files that only their owner reads, from their first byte on.</summary>
public static class PrivateFile
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void CreateFolder(string path) => Directory.CreateDirectory(path, Mode | UnixFileMode.UserExecute);

    public static FileStream Create(string path)
    {
        File.Delete(path);
        return new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite,
            UnixCreateMode = Mode,
        });
    }

    /// <summary>Readers see the old text or the new one, never a half.</summary>
    public static async Task ReplaceAsync(string path, string text)
    {
        var next = path + ".new";
        await using (var file = Create(next))
            await file.WriteAsync(Encoding.UTF8.GetBytes(text));
        File.Move(next, path, overwrite: true);
    }
}
