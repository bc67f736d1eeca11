using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

internal enum Operation
{
    Read,
    List,
    Create,
    Update,
    Delete,
}

/// <summary>One request as the engines see it. The core fills in who asks, and where it leads.</summary>
internal sealed class VaultRequest
{
    public string Id { get; } = Secrets.Uuid();

    public required Operation Operation { get; set; }

    /// <summary>Below <c>/v1/</c>; of a list it ends in a slash.</summary>
    public required string Path { get; init; }

    public JsonObject Body { get; init; } = [];

    public string? ClientToken { get; init; }

    /// <summary>The answer is to be wrapped for so long.</summary>
    public TimeSpan? WrapTtl { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public string RemoteAddress { get; init; } = "";

    public Fields Fields => field ??= new Fields(Body);

    public Mount Mount { get; set; } = null!;

    /// <summary>The path within the mount.</summary>
    public string RelativePath { get; set; } = "";

    /// <summary>What the matched path pattern captured.</summary>
    public IReadOnlyDictionary<string, string> Captured { get; set; } = new Dictionary<string, string>();

    /// <summary>Who asks; null on public paths.</summary>
    public TokenEntry? Token { get; set; }

    /// <summary>The asker's policy grants sudo on the path.</summary>
    public bool IsSudo { get; set; }
}
