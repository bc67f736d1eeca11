namespace Portal.Sandbox.Vault;

/// <summary>Which engine answers a path: the mount with the longest prefix.</summary>
internal sealed class Mounts
{
    private readonly Lock _lock = new();
    private volatile IReadOnlyList<Mount> _all = [];

    public IReadOnlyList<Mount> All => _all;

    public Mount? Find(string path) =>
        _all.Where(mount => path.StartsWith(mount.Path, StringComparison.Ordinal) || path.Length + 1 == mount.Path.Length && mount.Path.StartsWith(path, StringComparison.Ordinal))
            .MaxBy(mount => mount.Path.Length);

    public Mount? At(string path) => _all.FirstOrDefault(mount => mount.Path == path);

    /// <exception cref="VaultError">the path, or one above or below it, is taken</exception>
    public void Add(Mount mount)
    {
        lock (_lock)
        {
            var taken = _all.FirstOrDefault(other => other.Path.StartsWith(mount.Path, StringComparison.Ordinal) || mount.Path.StartsWith(other.Path, StringComparison.Ordinal));
            if (taken is not null)
            {
                var shown = taken.Path.StartsWith("auth/", StringComparison.Ordinal) ? taken.Path["auth/".Length..] : taken.Path;
                throw VaultError.Invalid($"path is already in use at {shown}");
            }

            _all = [.. _all, mount];
        }
    }

    public void Remove(Mount mount)
    {
        lock (_lock)
            _all = [.. _all.Where(other => other != mount)];
    }
}
