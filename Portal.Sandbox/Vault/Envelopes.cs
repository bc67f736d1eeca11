using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary>Puts Vault's envelope around answers: registers leases, tells tokens, wraps what is to be wrapped.</summary>
internal sealed class Envelopes(VaultCore core)
{
    public WireAnswer Enclose(VaultRequest request, Answer answer)
    {
        if (answer.IsEmpty)
            return new WireAnswer(answer.Status, null);
        if (answer.Plain is not null)
            return new WireAnswer(answer.Status, null, answer.Plain);
        if (answer.Wrapping is { } wrapping)
            return WrapInfo(wrapping);
        var wire = new WireAnswer(answer.Status, answer.Bare ?? Envelope(request, answer));
        return request.WrapTtl is { } ttl && answer.Status == 200 ? Wrap(request, wire, ttl, answer.Token?.Accessor) : wire;
    }

    public static JsonObject Auth(TokenEntry token, bool hidesToken) => new()
    {
        ["client_token"] = hidesToken ? "" : token.Id,
        ["accessor"] = token.Accessor,
        ["policies"] = Json.Strings(token.Policies),
        ["token_policies"] = Json.Strings(token.Policies),
        ["metadata"] = Json.Map(token.Meta),
        ["lease_duration"] = (long)token.Ttl.TotalSeconds,
        ["renewable"] = token.IsRenewable,
        ["entity_id"] = token.EntityId,
        ["token_type"] = token.Type == TokenType.Batch ? "batch" : "service",
        ["orphan"] = token.Type != TokenType.Batch && token.IsOrphan,
    };

    private JsonObject Envelope(VaultRequest request, Answer answer)
    {
        var (lease, warnings) = (answer.Lease, answer.Warnings);
        if (answer.LeaseTerms is { } terms)
            (lease, warnings) = core.Leases.Register(request.Path, request.Mount, request.Token!, terms);
        var body = new JsonObject();
        if (answer is { IsFlat: true, Data: { } flat })
        {
            foreach (var (key, value) in flat)
                body[key] = value?.DeepClone();
        }

        body["request_id"] = request.Id;
        body["lease_id"] = lease?.Id ?? "";
        body["renewable"] = lease is not null;
        body["lease_duration"] = (long)(lease?.Ttl.TotalSeconds ?? 0);
        body["data"] = answer.Data;
        body["wrap_info"] = null;
        body["warnings"] = warnings is null ? null : Json.Strings(warnings);
        body["auth"] = answer.Token is null ? null : Auth(answer.Token, answer.HidesToken);
        return body;
    }

    private WireAnswer Wrap(VaultRequest request, WireAnswer wire, TimeSpan ttl, string? wrappedAccessor) =>
        WrapInfo(core.Wrapping.Wrap(new Wrapped(wire.Status, wire.Body!.ToJsonString(), request.Path, wrappedAccessor), ttl));

    private static WireAnswer WrapInfo(TokenEntry token)
    {
        var info = new JsonObject
        {
            ["token"] = token.Id,
            ["accessor"] = token.Accessor,
            ["ttl"] = (long)token.CreationTtl.TotalSeconds,
            ["creation_time"] = Json.Time(token.Created),
            ["creation_path"] = token.Wrapped!.CreationPath,
        };
        if (token.Wrapped.Accessor is { } wrappedAccessor)
            info["wrapped_accessor"] = wrappedAccessor;
        return new WireAnswer(200, new JsonObject
        {
            ["request_id"] = "",
            ["lease_id"] = "",
            ["renewable"] = false,
            ["lease_duration"] = 0,
            ["data"] = null,
            ["wrap_info"] = info,
            ["warnings"] = null,
            ["auth"] = null,
        });
    }
}
