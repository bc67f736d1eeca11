using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary><c>sys/audit</c> and <c>sys/config/auditing/request-headers</c>.</summary>
internal sealed class SystemAudit(VaultCore core)
{
    public void AddPaths(PathTable paths)
    {
        paths.On("audit").Read(_ => Answer.Flat(core.Audit.Table()));
        paths.On("audit/{path*}").Write(Enable).Delete(Disable);
        paths.On("audit-hash/{path*}").Write(Hash);
        paths.On("config/auditing/request-headers").Read(_ => Headers());
        paths.On("config/auditing/request-headers/{header*}").Read(ReadHeader).Write(WriteHeader).Delete(DeleteHeader);
    }

    private Answer? Enable(VaultRequest request)
    {
        var fields = request.Fields;
        core.Audit.Enable(request.Captured["path"].TrimEnd('/') + '/', fields.Text("type"), fields.Text("description"), fields.Map("options") ?? new Dictionary<string, string>());
        return null;
    }

    private Answer? Disable(VaultRequest request)
    {
        core.Audit.Disable(request.Captured["path"].TrimEnd('/') + '/');
        return null;
    }

    private Answer Hash(VaultRequest request)
    {
        if (core.Audit.At(request.Captured["path"].TrimEnd('/') + '/') is not { } device)
            throw VaultError.Invalid($"unknown audit backend {Durations.Quote(request.Captured["path"])}");
        return request.Fields.Text("input") is { Length: > 0 } input
            ? Answer.Of(new JsonObject { ["hash"] = device.Hash(input) })
            : throw VaultError.Invalid("the \"input\" parameter is empty");
    }

    private Answer Headers() => Answer.Flat(new JsonObject
    {
        ["headers"] = new JsonObject([.. core.Audit.Headers.Select(header => KeyValuePair.Create(header.Key, (JsonNode?)new JsonObject { ["hmac"] = header.Value }))]),
    });

    private Answer ReadHeader(VaultRequest request)
    {
        var name = request.Captured["header"];
        return core.Audit.Headers.TryGetValue(name.ToLowerInvariant(), out var isHashed)
            ? Answer.Flat(new JsonObject { [name] = new JsonObject { ["hmac"] = isHashed } })
            : throw VaultError.Invalid("Could not find header in config");
    }

    private Answer? WriteHeader(VaultRequest request)
    {
        core.Audit.Headers[request.Captured["header"].ToLowerInvariant()] = request.Fields.Flag("hmac");
        return null;
    }

    private Answer? DeleteHeader(VaultRequest request)
    {
        core.Audit.Headers.TryRemove(request.Captured["header"].ToLowerInvariant(), out _);
        return null;
    }
}
