using System.Globalization;

namespace Portal.Sandbox;

/// <summary>Reads flags with and without values; every mistake gets a line.</summary>
/// <param name="of">Whose flags they are, for the words of mistakes.</param>
internal sealed class FlagReader(string of, List<string> mistakes)
{
    private readonly Dictionary<string, Action<string>> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Action> _switches = new(StringComparer.Ordinal);

    public FlagReader Value(string flag, Action<string> set)
    {
        _values[flag] = set;
        return this;
    }

    public FlagReader Switch(string flag, Action set)
    {
        _switches[flag] = set;
        return this;
    }

    /// <param name="lowest">0 allows any free port to be taken.</param>
    public FlagReader Port(string flag, int lowest, Action<int> set) => Value(flag, text =>
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port >= lowest && port <= 65535)
            set(port);
        else
            mistakes.Add($"{flag} is a number from {lowest} to 65535, and not {text}.");
    });

    public void Read(IReadOnlyList<string> args)
    {
        for (var index = 0; index < args.Count; index++)
        {
            var flag = args[index];
            if (_switches.TryGetValue(flag, out var turn))
            {
                turn();
                continue;
            }

            var value = index + 1 < args.Count && !args[index + 1].StartsWith("--", StringComparison.Ordinal) ? args[++index] : null;
            if (!_values.TryGetValue(flag, out var set))
                mistakes.Add($"{flag} is no option of {of}.");
            else if (value is null)
                mistakes.Add($"{flag} needs a value.");
            else
                set(value);
        }
    }

    /// <summary>The text of a file that a flag names; null, with a mistake, when there is none.</summary>
    public static string? Text(string flag, string file, List<string> mistakes)
    {
        try
        {
            var text = File.ReadAllText(file);
            if (text.Trim().Length > 0)
                return text;
            mistakes.Add($"{flag}: {file} is empty.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            mistakes.Add($"{flag}: {file} cannot be read.");
        }

        return null;
    }
}
