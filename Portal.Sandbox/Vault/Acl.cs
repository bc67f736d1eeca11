namespace Portal.Sandbox.Vault;

/// <summary>What several policies grant together. Rules of the same path add up, deny wins, and the most specific path alone counts.</summary>
internal sealed class Acl
{
    private const Capabilities All = Capabilities.Create | Capabilities.Read | Capabilities.Update | Capabilities.Delete | Capabilities.List | Capabilities.Sudo;

    private readonly Dictionary<string, Capabilities> _exact = new(StringComparer.Ordinal);
    private readonly List<PolicyRule> _patterns;

    public Acl(bool isRoot, IEnumerable<Policy> policies)
    {
        IsRoot = isRoot;
        var rules = policies.SelectMany(policy => policy.Rules)
            .GroupBy(rule => (rule.Path, rule.IsPrefix), (path, same) => new PolicyRule(path.Path, path.IsPrefix, Sum(same)))
            .ToList();
        foreach (var rule in rules.Where(rule => !rule.IsPrefix && !rule.HasWildcards))
            _exact[rule.Path] = rule.Capabilities;
        _patterns = [.. rules.Where(rule => rule.IsPrefix || rule.HasWildcards)];
    }

    public bool IsRoot { get; }

    public Capabilities Of(string path)
    {
        if (IsRoot)
            return All;
        if (_exact.TryGetValue(path, out var capabilities))
            return capabilities;
        // A list is asked for with a slash at the end, and granted with or without one.
        if (path.EndsWith('/') && _exact.TryGetValue(path[..^1], out capabilities))
            return capabilities;
        return MostSpecific(path)?.Capabilities ?? Capabilities.None;
    }

    public bool Allows(Operation operation, string path, bool needsSudo)
    {
        var granted = Of(path);
        var needed = operation switch
        {
            Operation.Read => Capabilities.Read,
            Operation.List => Capabilities.List,
            Operation.Create => Capabilities.Create,
            Operation.Update => Capabilities.Update,
            _ => Capabilities.Delete,
        };
        return granted.HasFlag(needed) && (!needsSudo || granted.HasFlag(Capabilities.Sudo));
    }

    /// <summary>Some path below the mount is granted.</summary>
    public bool Reaches(string mount) => IsRoot
        || _exact.Any(rule => rule.Value != Capabilities.Deny && rule.Key.StartsWith(mount, StringComparison.Ordinal))
        || _patterns.Any(rule => rule.Capabilities != Capabilities.Deny && Overlaps(rule.Path, mount));

    /// <summary>The names as Vault lists them.</summary>
    public IReadOnlyList<string> Names(string path)
    {
        if (IsRoot)
            return ["root"];
        var capabilities = Of(path);
        return capabilities is Capabilities.None or Capabilities.Deny
            ? ["deny"]
            : [.. Enum.GetValues<Capabilities>().Where(one => one != Capabilities.None && capabilities.HasFlag(one)).Select(one => one.ToString().ToLowerInvariant()).Order(StringComparer.Ordinal)];
    }

    private static Capabilities Sum(IEnumerable<PolicyRule> rules)
    {
        var all = rules.Aggregate(Capabilities.None, (sum, rule) => sum | rule.Capabilities);
        return all.HasFlag(Capabilities.Deny) ? Capabilities.Deny : all;
    }

    private static bool Overlaps(string pattern, string mount)
    {
        var rule = pattern.Split('/');
        var parts = mount.TrimEnd('/').Split('/');
        return rule.Zip(parts).All(pair => pair.First == "+" || pair.First == pair.Second || (pair.First.Length == 0 && rule.Length <= parts.Length));
    }

    private PolicyRule? MostSpecific(string path)
    {
        PolicyRule? best = null;
        var parts = path.Split('/');
        foreach (var rule in _patterns)
        {
            if (Matches(rule, path, parts) && (best is null || Precedes(best, rule)))
                best = rule;
        }

        return best;
    }

    private static bool Matches(PolicyRule rule, string path, string[] parts)
    {
        if (!rule.HasWildcards)
            return path.StartsWith(rule.Path, StringComparison.Ordinal);
        var pattern = rule.Path.Split('/');
        if (parts.Length < pattern.Length || (!rule.IsPrefix && parts.Length != pattern.Length))
            return false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var isOpenEnd = rule.IsPrefix && i == pattern.Length - 1;
            if (pattern[i] != "+" && pattern[i] != parts[i] && !(isOpenEnd && parts[i].StartsWith(pattern[i], StringComparison.Ordinal)))
                return false;
        }

        return true;
    }

    /// <summary>Vault's order: the earlier wildcard loses, then the glob, then the one with more <c>+</c>, then the shorter, then the smaller.</summary>
    private static bool Precedes(PolicyRule loser, PolicyRule winner)
    {
        int Compare(int left, int right) => left.CompareTo(right);
        var order = Compare(FirstWildcard(loser), FirstWildcard(winner));
        if (order == 0)
            order = Compare(loser.IsPrefix ? 0 : 1, winner.IsPrefix ? 0 : 1);
        if (order == 0)
            order = Compare(Wildcards(winner), Wildcards(loser));
        if (order == 0)
            order = Compare(loser.Path.Length, winner.Path.Length);
        if (order == 0)
            order = string.CompareOrdinal(loser.Path, winner.Path);
        return order < 0;
    }

    private static int FirstWildcard(PolicyRule rule) => rule.Path.IndexOf('+', StringComparison.Ordinal) is var at and >= 0 ? at : rule.Path.Length;

    private static int Wildcards(PolicyRule rule) => rule.Path.Split('/').Count(part => part == "+");
}
