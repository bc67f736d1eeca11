using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary><c>sys/wrapping</c></summary>
internal sealed class SystemWrapping(VaultCore core)
{
    public void AddPaths(PathTable paths)
    {
        paths.On("wrapping/wrap").Write(Wrap);
        paths.On("wrapping/unwrap").Write(Unwrap);
        paths.On("wrapping/rewrap").Write(Rewrap);
        paths.On("wrapping/lookup").Write(LookUp).Read(LookUp);
    }

    private static string? Named(VaultRequest request) => request.Fields.Text("token") is { Length: > 0 } named ? named : request.ClientToken;

    private static Answer Wrap(VaultRequest request) => request.WrapTtl is null
        ? throw VaultError.Invalid("endpoint requires response wrapping to be used")
        : Answer.Of((JsonObject)request.Body.DeepClone());

    /// <summary>The wrapping token comes in the body beside one that may ask, or alone in the header.</summary>
    private Answer Unwrap(VaultRequest request)
    {
        var named = request.Fields.Text("token");
        if (named.Length == 0 || named == request.ClientToken)
            return core.Wrapping.Unwrap(request.ClientToken);
        if (string.IsNullOrEmpty(request.ClientToken))
            throw VaultError.Invalid("missing client token");
        var asker = core.Tokens.Find(request.ClientToken) ?? throw new VaultError(403, "permission denied");
        return core.Policies.AclOf(asker.Policies).Allows(Operation.Update, request.Path, needsSudo: false)
            ? core.Wrapping.Unwrap(named)
            : throw VaultError.Denied();
    }

    /// <summary>The same answer for as long again under a token of its own; the one before is used up.</summary>
    private Answer Rewrap(VaultRequest request) => new() { Wrapping = core.Wrapping.Rewrap(Named(request)) };

    private Answer LookUp(VaultRequest request)
    {
        var token = core.Wrapping.Find(Named(request));
        return Answer.Of(new JsonObject
        {
            ["creation_path"] = token.Wrapped!.CreationPath,
            ["creation_time"] = Json.Time(token.Created),
            ["creation_ttl"] = (long)token.CreationTtl.TotalSeconds,
        });
    }
}
