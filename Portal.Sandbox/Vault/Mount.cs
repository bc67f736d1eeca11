using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary>An engine at its path, which ends in a slash; auth methods lie below <c>auth/</c>.</summary>
internal sealed class Mount(string path, string type, Engine engine)
{
    public string Path { get; } = path;

    public string Type { get; } = type;

    public Engine Engine { get; } = engine;

    public string Uuid { get; } = Secrets.Uuid();

    public string Accessor { get; } = $"{(path.StartsWith("auth/", StringComparison.Ordinal) ? "auth_" : "")}{type}_{Secrets.Base62(8).ToLowerInvariant()}";

    public string Description { get; set; } = "";

    public JsonObject? Options { get; set; }

    public bool IsLocal { get; init; }

    public bool IsSealWrapped { get; init; }

    /// <summary>Zero = the system's.</summary>
    public TimeSpan DefaultLeaseTtl { get; set; }

    /// <summary>Zero = the system's.</summary>
    public TimeSpan MaxLeaseTtl { get; set; }

    public TtlLimits Limits => new(Or(DefaultLeaseTtl, Ttl.SystemMaximum), Or(MaxLeaseTtl, Ttl.SystemMaximum));

    private static TimeSpan Or(TimeSpan span, TimeSpan fallback) => span > TimeSpan.Zero ? span : fallback;
}
