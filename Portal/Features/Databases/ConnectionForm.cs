using System.Data.Common;

namespace Portal.Features.Databases;

/// <param name="Name">What people look for: <c>psql</c>, <c>URL</c>, <c>JDBC</c>, <c>.env</c>.</param>
public sealed record ConnectionForm(string Name, string Text)
{
    /// <summary>Escapes a part of a URL.</summary>
    internal static string Percent(string text) => Uri.EscapeDataString(text);

    internal static string UrlHost(string host) => host.Contains(':') ? $"[{host}]" : Percent(host);

    /// <summary>ADO.NET's form: all its providers read it by the rules of this builder.</summary>
    internal static string AdoNet(params IEnumerable<(string Key, object Value)> settings)
    {
        var builder = new DbConnectionStringBuilder();
        foreach (var (key, value) in settings)
            builder[key] = value;
        return builder.ConnectionString;
    }
}
