using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>A place of its own for every token, gone with the token.</summary>
internal sealed class CubbyholeEngine : Engine
{
    private readonly ConditionalWeakTable<TokenEntry, ConcurrentDictionary<string, JsonObject>> _places = [];

    public CubbyholeEngine()
    {
        Paths.On("").List(request => Answer.Keys(KvPaths.Below(Place(request).Keys, "")));
        Paths.On("{path*}").Exists(request => request.Token is not null && Place(request).ContainsKey(request.Captured["path"]))
            .Read(request => Place(request).TryGetValue(request.Captured["path"], out var data) ? Answer.Of((JsonObject)data.DeepClone()) : null)
            .List(request => Answer.Keys(KvPaths.Below(Place(request).Keys, request.Captured["path"].TrimEnd('/') + '/')))
            .Write(Write)
            .Delete(Delete);
    }

    private ConcurrentDictionary<string, JsonObject> Place(VaultRequest request) => _places.GetValue(request.Token!, _ => new(StringComparer.Ordinal));

    private Answer? Write(VaultRequest request)
    {
        Place(request)[request.Captured["path"]] = (JsonObject)request.Body.DeepClone();
        return null;
    }

    private Answer? Delete(VaultRequest request)
    {
        Place(request).TryRemove(request.Captured["path"], out _);
        return null;
    }
}
