using System.Globalization;

namespace Portal.Sandbox;

/// <summary>What a start of the sandbox was asked for.</summary>
public sealed record SandboxOptions
{
    public const string Usage =
        """
        The portal with a GitHub, a Vault, a Kubernetes API, a PostgreSQL and a MariaDB of its own, all on this machine alone.

          --port N        port of the portal (5080)
          --reset         forget what an earlier run left in the folder, the databases' rows included
          --headless      print nothing: the screen goes to sandbox.log in the folder
          --folder DIR    where its files lie (.sandbox)
          --portal PATH   the portal to run: its published folder, or its Portal.dll
        """;

    public int Port { get; init; } = 5080;

    public bool Reset { get; init; }

    public bool Headless { get; init; }

    /// <summary>One sandbox at a time runs in it; several run side by side in several.</summary>
    public string Folder { get; init; } = ".sandbox";

    /// <summary>A published folder or a Portal.dll; absent: what <c>dotnet publish</c> last made of this checkout.</summary>
    public string? Portal { get; init; }

    /// <param name="mistakes">Gets a line for each argument that cannot be followed.</param>
    public static SandboxOptions Parse(IReadOnlyList<string> args, List<string> mistakes)
    {
        var options = new SandboxOptions();
        for (var index = 0; index < args.Count; index++)
        {
            var flag = args[index];
            options = flag switch
            {
                "--reset" => options with { Reset = true },
                "--headless" => options with { Headless = true },
                "--port" => options with { Port = PortOf(Value()) },
                "--folder" => options with { Folder = Value() ?? options.Folder },
                "--portal" => options with { Portal = Value() },
                _ => Unknown(),
            };

            string? Value()
            {
                if (index + 1 < args.Count && !args[index + 1].StartsWith("--", StringComparison.Ordinal))
                    return args[++index];
                mistakes.Add($"{flag} needs a value.");
                return null;
            }

            SandboxOptions Unknown()
            {
                mistakes.Add($"{flag} is no option of the sandbox.");
                return options;
            }
        }

        return options;

        int PortOf(string? value)
        {
            if (value is null || (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535))
                return value is null ? options.Port : int.Parse(value, CultureInfo.InvariantCulture);
            mistakes.Add($"--port is a number from 1 to 65535, and not {value}.");
            return options.Port;
        }
    }
}
