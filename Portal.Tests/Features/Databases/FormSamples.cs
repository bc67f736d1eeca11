using System.Diagnostics;
using CsCheck;
using Portal.Features.Databases;

namespace Portal.Tests.Features.Databases;

/// <summary>Logins full of what shells, URLs and connection strings take for their own, and a shell that reads their forms.</summary>
public static class FormSamples
{
    /// <summary>For real servers and clients: every printable letter of ASCII that is neither letter nor digit.</summary>
    public const string Hostile = "a !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~z";

    private static readonly Gen<string> s_text = Gen.String[Gen.Char[(char)32, (char)0x2ff], 1, 40].Where(text => text.Trim() == text);

    public static Gen<IssuedCredential> Of(string engine, params string[] tlsModes) =>
        from user in s_text
        from password in s_text
        from database in s_text
        from tls in Gen.Int[0, tlsModes.Length - 1].Select(index => tlsModes[index])
        select Credential(engine, user, password, database, tls);

    public static IssuedCredential Credential(string engine, string user, string password, string database, string tls, string host = "db.example.com", int port = 5433) =>
        new(Guid.Empty, user, password, new DatabaseAddress(engine, host, port, database, tls), default, default);

    public static string Form(this IssuedCredential credential, string name) => DatabaseEngines.Forms(credential).Single(form => form.Name == name).Text;

    /// <summary>Runs a script in a POSIX shell.</summary>
    /// <returns>what it printed, cut at each NUL</returns>
    public static string[] Run(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardOutput = true })!;
        var output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return output.Split('\0');
    }

    /// <summary>A script that prints, each ended by a NUL, the variables that a form sets.</summary>
    public static string PrintedBy(string form, params string[] variables) =>
        $"{form}\nprintf '%s\\0' {string.Join(' ', variables.Select(variable => $"\"${variable}\""))}";
}
