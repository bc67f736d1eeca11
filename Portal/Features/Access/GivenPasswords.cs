using System.Security;
using Portal.Shell;

namespace Portal.Features.Access;

/// <summary>Fetches the passwords that the file points to. What they are is never said, neither is what was written in their place.</summary>
/// <param name="folder">Where relative file names start.</param>
/// <param name="environment">Reads an environment variable.</param>
public sealed class GivenPasswords(string folder, Func<string, string?> environment)
{
    private const string Example = "password: { file: /run/secrets/shop } or { env: SHOP_PASSWORD }";
    private const int Longest = 1024;

    public GivenPassword? Read(YamlFields connection, Mistakes mistakes)
    {
        if (connection.Node("password", Example) is not { } node)
            return null;
        var where = $"{connection.Where}: password";
        if (node is YamlText { IsNothing: false })
        {
            mistakes.Add(node.Line, $"{where} is written in clear; put it into a file or an environment variable and say {Example}");
            return null;
        }

        if (YamlFields.Of(node, where, mistakes, ["file", "env"], repeat: false) is not { } fields)
            return null;
        if (fields.IsMisspelt("file") || fields.IsMisspelt("env"))
            return null;
        if (fields.Has("file") == fields.Has("env"))
        {
            mistakes.Add(fields.Line, $"{where} has {(fields.Has("file") ? "both file and env" : "neither file nor env")}; say {Example}");
            return null;
        }

        var (key, read) = fields.Has("file") ? ("file", (Func<string, Found>)OfFile) : ("env", OfEnvironment);
        // The name of a file or variable is no secret, unless the secret itself was written there: so neither is repeated.
        if (fields.Text(key, Example, _ => null) is not { } source)
            return null;
        var found = read(source);
        if (found.Complaint is null)
            return new GivenPassword(found.Value!);
        mistakes.Add(fields.LineOf(key), $"{where}: {found.Complaint}");
        return null;
    }

    private Found OfFile(string path)
    {
        try
        {
            var full = Path.Combine(folder, path);
            using var reader = new StreamReader(full);
            var buffer = new char[Longest + 3];
            var text = new string(buffer, 0, reader.ReadBlock(buffer));
            return Judge(text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text, "the file");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(null, "there is no such file");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or SecurityException)
        {
            return new(null, "the file cannot be read by this process");
        }
    }

    private Found OfEnvironment(string name)
    {
        if (name.Length == 0 || name.Any(letter => letter is '=' or '\0'))
            return new(null, "that is not the name of an environment variable");
        return environment(name) is { } value ? Judge(value, "the environment variable") : new(null, "the environment variable is not set");
    }

    private static Found Judge(string value, string source) => value switch
    {
        "" => new(null, $"{source} is empty"),
        { Length: > Longest } => new(null, $"{source} is longer than {Longest} letters"),
        _ when value.Any(char.IsControl) => new(null, $"{source} holds more than one line"),
        _ => new(value, null),
    };

    private readonly record struct Found(string? Value, string? Complaint);
}
