using Portal.Data;
using Portal.Shell;

namespace Portal.Features.Access;

/// <summary>Notes what changes in the portal's rows, in words.</summary>
public sealed class RowChanges(PortalDb db)
{
    private readonly List<AccessChange> _all = [];
    private readonly List<string> _kept = [];

    public IReadOnlyList<AccessChange> All => _all;

    /// <summary>What the file no longer names and pruning would remove.</summary>
    public IReadOnlyList<string> Kept => _kept;

    /// <summary>Grants that go, and with them what was issued under them.</summary>
    public List<(Guid Id, string Name)> RemovedGrants { get; } = [];

    public void Add(object row, string name, params IReadOnlyList<string> details)
    {
        db.Add(row);
        _all.Add(new(ChangeKind.Added, name, details));
    }

    public void Change(string name, RowDetails details)
    {
        if (details.Count > 0)
            _all.Add(new(ChangeKind.Changed, name, details));
    }

    /// <returns>Whether it goes: without pruning it stays.</returns>
    public bool Remove(bool prune, object row, string name)
    {
        if (prune)
        {
            db.Remove(row);
            _all.Add(new(ChangeKind.Removed, name, []));
        }
        else
        {
            _kept.Add($"{name}: not in the file; --prune removes it");
        }

        return prune;
    }
}

/// <summary>What of one row changes.</summary>
public sealed class RowDetails : List<string>
{
    public T Set<T>(string what, T old, T made, bool shown = true)
    {
        if (!EqualityComparer<T>.Default.Equals(old, made))
            Add(shown ? $"{what} {Shown(old)} → {Shown(made)}" : what);
        return made;
    }

    public int SetDuration(string what, int old, int made)
    {
        Set(what, ShortDuration.Format(old), ShortDuration.Format(made));
        return made;
    }

    /// <param name="none">What an empty list means.</param>
    public List<string> SetList(string what, IReadOnlyList<string> old, IReadOnlyList<string> made, string none)
    {
        Set(what, Joined(old), Joined(made));
        return [.. made];

        string Joined(IReadOnlyList<string> values) => values.Count == 0 ? none : string.Join(", ", values);
    }

    private static string Shown<T>(T value) => value switch
    {
        true => "yes",
        false => "no",
        string text => Mistakes.Quote(text).Trim('\''),
        _ => $"{value}",
    };
}
