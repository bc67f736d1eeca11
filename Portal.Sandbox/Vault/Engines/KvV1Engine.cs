using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>KV version 1: a path and its object, no versions.</summary>
internal sealed class KvV1Engine : Engine
{
    private readonly ConcurrentDictionary<string, JsonObject> _secrets = new(StringComparer.Ordinal);

    public KvV1Engine()
    {
        Paths.On("").List(_ => Answer.Keys(KvPaths.Below(_secrets.Keys, "")));
        Paths.On("{path*}").Exists(request => _secrets.ContainsKey(request.Captured["path"]))
            .Read(request => _secrets.TryGetValue(request.Captured["path"], out var data) ? Answer.Of((JsonObject)data.DeepClone()) : null)
            .List(request => Answer.Keys(KvPaths.Below(_secrets.Keys, request.Captured["path"].TrimEnd('/') + '/')))
            .Write(Write)
            .Delete(Delete);
    }

    private Answer? Write(VaultRequest request)
    {
        if (request.Body.Count == 0)
            throw VaultError.Invalid("missing data fields");
        _secrets[request.Captured["path"]] = (JsonObject)request.Body.DeepClone();
        return null;
    }

    private Answer? Delete(VaultRequest request)
    {
        _secrets.TryRemove(request.Captured["path"], out _);
        return null;
    }
}
