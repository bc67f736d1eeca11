using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary><c>sys/policies/acl</c>, the older <c>sys/policy</c>, and what tokens may.</summary>
internal sealed class SystemPolicies(VaultCore core)
{
    public void AddPaths(PathTable paths)
    {
        paths.On("policies/acl").List(_ => Answer.Keys(core.Policies.Names)).Read(_ => Answer.Keys(core.Policies.Names));
        paths.On("policies/acl/{name*}").Read(request => Read(request, "policy")).Write(request => Write(request)).Delete(Delete);
        paths.On("policy").List(_ => Listed()).Read(_ => Listed());
        paths.On("policy/{name*}").Read(request => Read(request, "rules")).Write(request => Write(request)).Delete(Delete);
        paths.On("capabilities-self").Write(request => Capabilities(request, request.Token!));
        paths.On("capabilities").Write(request => Capabilities(request, core.Tokens.Find(request.Fields.Text("token")) ?? throw VaultError.Invalid("invalid token")));
        paths.On("capabilities-accessor")
            .Write(request => Capabilities(request, core.Tokens.FindByAccessor(request.Fields.Text("accessor")) ?? throw VaultError.Fault("invalid accessor", 400)));
    }

    private Answer Listed() => Answer.Flat(new JsonObject { ["keys"] = Json.Strings(core.Policies.Names), ["policies"] = Json.Strings(core.Policies.Names) });

    private Answer? Read(VaultRequest request, string field)
    {
        if (core.Policies.Find(request.Captured["name"]) is not { } policy)
            return null;
        var data = new JsonObject { ["name"] = policy.Name, [field] = policy.Text };
        return field == "rules" ? Answer.Flat(data) : Answer.Of(data);
    }

    private Answer? Write(VaultRequest request)
    {
        var text = request.Fields.Text("policy", request.Fields.Text("rules"));
        if (text.Length == 0)
            throw VaultError.Invalid("'policy' parameter not supplied or empty");
        if (IsBase64(text, out var decoded))
            text = decoded;
        core.Policies.Write(request.Captured["name"], text);
        return null;
    }

    private Answer? Delete(VaultRequest request)
    {
        core.Policies.Delete(request.Captured["name"]);
        return null;
    }

    private Answer Capabilities(VaultRequest request, TokenEntry token)
    {
        var paths = request.Fields.List("paths") is { Count: > 0 } several ? several : request.Fields.List("path");
        if (paths.Count == 0)
            throw VaultError.Invalid("paths must be supplied");
        var acl = core.Policies.AclOf(token.Policies);
        var data = new JsonObject();
        foreach (var path in paths)
            data[path] = Json.Strings(acl.Names(path.TrimStart('/')));
        if (paths.Count == 1)
            data["capabilities"] = Json.Strings(acl.Names(paths[0].TrimStart('/')));
        return Answer.Flat(data);
    }

    private static bool IsBase64(string text, out string decoded)
    {
        var bytes = new byte[text.Length];
        var isBase64 = Convert.TryFromBase64String(text, bytes, out var length);
        decoded = isBase64 ? System.Text.Encoding.UTF8.GetString(bytes, 0, length) : "";
        return isBase64;
    }
}
