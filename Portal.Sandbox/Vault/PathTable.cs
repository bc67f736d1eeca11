using System.Text.RegularExpressions;

namespace Portal.Sandbox.Vault;

/// <summary>Path patterns with a handler per operation. <c>{name}</c> is one name, <c>{path*}</c> all the rest.</summary>
internal sealed partial class PathTable
{
    private readonly List<Entry> _entries = [];

    public Entry On(string pattern)
    {
        var entry = new Entry(pattern);
        _entries.Add(entry);
        return entry;
    }

    public bool? Exists(VaultRequest request) => Find(request)?.ExistenceOf(request);

    public Task<Answer?> HandleAsync(VaultRequest request)
    {
        var entry = Find(request) ?? throw VaultError.Fault("unsupported path", 404);
        return entry.HandlerOf(request.Operation)?.Invoke(request) ?? throw VaultError.Fault("unsupported operation", 405);
    }

    private Entry? Find(VaultRequest request)
    {
        foreach (var entry in _entries)
        {
            if (entry.TryMatch(request.RelativePath, out var captured))
            {
                request.Captured = captured;
                return entry;
            }
        }

        return null;
    }

    internal sealed class Entry
    {
        // Vault's own pattern for names.
        private const string Name = @"[A-Za-z0-9_](([A-Za-z0-9_.\-]+)?[A-Za-z0-9_])?";

        private readonly Regex _pattern;
        private Func<VaultRequest, bool>? _exists;
        private Func<VaultRequest, Task<Answer?>>? _read;
        private Func<VaultRequest, Task<Answer?>>? _list;
        private Func<VaultRequest, Task<Answer?>>? _write;
        private Func<VaultRequest, Task<Answer?>>? _delete;

        public Entry(string pattern)
        {
            var escaped = Regex.Escape(pattern).Replace("\\{", "{", StringComparison.Ordinal).Replace("\\*", "*", StringComparison.Ordinal);
            var expression = Placeholder().Replace(escaped, match =>
                match.Groups["rest"].Success ? $"(?<{match.Groups["name"].Value}>.+)" : $"(?<{match.Groups["name"].Value}>{Name})");
            _pattern = new Regex($"^{expression}/?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline);
        }

        public Entry Exists(Func<VaultRequest, bool> exists) => With(() => _exists = exists);

        public Entry Read(Func<VaultRequest, Task<Answer?>> handler) => With(() => _read = handler);

        public Entry Read(Func<VaultRequest, Answer?> handler) => Read(request => Task.FromResult(handler(request)));

        public Entry List(Func<VaultRequest, Answer?> handler) => With(() => _list = request => Task.FromResult(handler(request)));

        public Entry Write(Func<VaultRequest, Task<Answer?>> handler) => With(() => _write = handler);

        public Entry Write(Func<VaultRequest, Answer?> handler) => Write(request => Task.FromResult(handler(request)));

        public Entry Delete(Func<VaultRequest, Task<Answer?>> handler) => With(() => _delete = handler);

        public Entry Delete(Func<VaultRequest, Answer?> handler) => Delete(request => Task.FromResult(handler(request)));

        public bool? ExistenceOf(VaultRequest request) => _exists?.Invoke(request);

        public Func<VaultRequest, Task<Answer?>>? HandlerOf(Operation operation) => operation switch
        {
            Operation.Read => _read,
            Operation.List => _list,
            Operation.Delete => _delete,
            _ => _write,
        };

        public bool TryMatch(string path, out IReadOnlyDictionary<string, string> captured)
        {
            var match = _pattern.Match(path);
            captured = match.Success
                ? match.Groups.Cast<Group>().Skip(1).Where(group => group.Success).ToDictionary(group => group.Name, group => group.Value)
                : new Dictionary<string, string>();
            return match.Success;
        }

        private Entry With(Action set)
        {
            set();
            return this;
        }
    }

    [GeneratedRegex(@"\{(?<name>[a-z_]+)(?<rest>\*)?\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Placeholder();
}
