using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>A role of the database engine: the statements that make, renew and end its users. Zero spans mean not said.</summary>
internal sealed record DatabaseRole
{
    public required string Database { get; init; }

    public TimeSpan DefaultTtl { get; init; }

    public TimeSpan MaxTtl { get; init; }

    public IReadOnlyList<string> Creation { get; init; } = [];

    public IReadOnlyList<string> Renewal { get; init; } = [];

    public IReadOnlyList<string> Revocation { get; init; } = [];

    public IReadOnlyList<string> Rollback { get; init; } = [];

    /// <exception cref="VaultError">something is missing or makes no sense</exception>
    public static DatabaseRole Read(Fields fields, DatabaseRole? before)
    {
        IReadOnlyList<string> Statements(string field, IReadOnlyList<string>? otherwise) => fields.Has(field) ? fields.Items(field) : otherwise ?? [];
        var role = new DatabaseRole
        {
            Database = fields.Text("db_name", before?.Database ?? ""),
            DefaultTtl = fields.Span("default_ttl", before?.DefaultTtl ?? default),
            MaxTtl = fields.Span("max_ttl", before?.MaxTtl ?? default),
            Creation = Statements("creation_statements", before?.Creation),
            Renewal = Statements("renew_statements", before?.Renewal),
            Revocation = Statements("revocation_statements", before?.Revocation),
            Rollback = Statements("rollback_statements", before?.Rollback),
        };
        if (role.Database.Length == 0)
            throw VaultError.Invalid("empty database name attribute");
        if (role.Creation.Count == 0)
            throw VaultError.Invalid("missing creation statements");
        return role;
    }

    public JsonObject Describe() => new()
    {
        ["creation_statements"] = Json.Strings(Creation),
        ["db_name"] = Database,
        ["default_ttl"] = (long)DefaultTtl.TotalSeconds,
        ["max_ttl"] = (long)MaxTtl.TotalSeconds,
        ["renew_statements"] = Json.Strings(Renewal),
        ["revocation_statements"] = Json.Strings(Revocation),
        ["rollback_statements"] = Json.Strings(Rollback),
    };
}
