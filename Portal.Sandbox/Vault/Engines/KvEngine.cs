using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>KV version 2.</summary>
internal sealed class KvEngine : Engine
{
    private const string InvalidPath =
        "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the Vault CLI, use 'vault kv get' for this operation.";

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, KvSecret> _secrets = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private KvLimits _limits = new(0, false, TimeSpan.Zero);

    public KvEngine(TimeProvider time)
    {
        _time = time;
        Paths.On("config").Read(_ => Answer.Of(Described(_limits))).Write(request => Locked(() => _limits = Limits(request.Fields, _limits)));
        Paths.On("data/{path*}").Exists(request => Find(request) is not null).Read(Read).Write(Write).Delete(DeleteLatest);
        Paths.On("delete/{path*}").Write(request => EachVersion(request, (_, version) => version.Delete(_time.GetUtcNow())));
        Paths.On("undelete/{path*}").Write(request => EachVersion(request, (secret, version) => version.Deleted = secret.EndOf(_time.GetUtcNow(), _limits)));
        Paths.On("destroy/{path*}").Write(request => EachVersion(request, (_, version) => version.Destroy()));
        Paths.On("metadata").List(_ => List(""));
        Paths.On("metadata/{path*}").Exists(request => Find(request) is not null)
            .Read(ReadMetadata).Write(WriteMetadata).Delete(DeleteMetadata).List(request => List(request.Captured["path"].TrimEnd('/') + '/'));
        Paths.On("{path*}").Read(_ => NotVersioned()).Write(_ => NotVersioned()).Delete(_ => NotVersioned()).List(_ => NotVersioned());
    }

    private static Answer NotVersioned() => new() { Status = 404, Warnings = [InvalidPath] };

    private KvSecret? Find(VaultRequest request)
    {
        lock (_lock)
            return _secrets.GetValueOrDefault(request.Captured["path"]);
    }

    private Answer? Locked(Action change)
    {
        lock (_lock)
            change();
        return null;
    }

    private Answer? Read(VaultRequest request)
    {
        lock (_lock)
        {
            if (Find(request) is not { } secret)
                return null;
            var number = request.Fields.Number("version");
            if (!secret.Versions.TryGetValue(number == 0 ? secret.Current : number, out var version))
                return null;
            var isThere = version.Data is not null && !(version.Deleted <= _time.GetUtcNow());
            return new Answer
            {
                Status = isThere ? 200 : 404,
                Data = new JsonObject { ["data"] = isThere ? version.Data!.DeepClone() : null, ["metadata"] = version.Describe() },
            };
        }
    }

    private Answer Write(VaultRequest request)
    {
        if (request.Body["data"] is not JsonObject data)
            throw VaultError.Invalid("no data provided");
        var options = new Fields(request.Body["options"] as JsonObject ?? []);
        lock (_lock)
        {
            var secret = Find(request);
            if (options.Body.ContainsKey("cas") && CheckAndSet(options) != (secret?.Current ?? 0))
                throw VaultError.Invalid("check-and-set parameter did not match the current version");
            if (!options.Body.ContainsKey("cas") && (_limits.IsCasRequired || secret?.Limits.IsCasRequired == true))
                throw VaultError.Invalid("check-and-set parameter required for this call");
            var now = _time.GetUtcNow();
            secret ??= _secrets[request.Captured["path"]] = new KvSecret(now);
            return Answer.Of(secret.Add((JsonObject)data.DeepClone(), now, _limits).Describe());
        }
    }

    private Answer? DeleteLatest(VaultRequest request) => Locked(() =>
    {
        if (Find(request) is { } secret && secret.Versions.TryGetValue(secret.Current, out var version))
            version.Delete(_time.GetUtcNow());
    });

    /// <summary>Versions that are not there are passed over, and so is a secret that is not there.</summary>
    private Answer? EachVersion(VaultRequest request, Action<KvSecret, KvVersion> change)
    {
        var numbers = request.Fields.List("versions").Select(text => int.TryParse(text, out var number) ? number : throw VaultError.Invalid("error converting input for field \"versions\"")).ToList();
        if (numbers.Count == 0)
            throw VaultError.Invalid("No version number provided");
        return Locked(() =>
        {
            foreach (var number in numbers)
            {
                if (Find(request) is { } secret && secret.Versions.TryGetValue(number, out var version) && !version.IsDestroyed)
                    change(secret, version);
            }
        });
    }

    private static int CheckAndSet(Fields options)
    {
        try
        {
            return options.Number("cas");
        }
        catch (VaultError)
        {
            throw VaultError.Invalid("error parsing check-and-set parameter");
        }
    }

    private Answer? ReadMetadata(VaultRequest request)
    {
        lock (_lock)
            return Find(request) is { } secret ? Answer.Of(secret.Describe()) : null;
    }

    private Answer? WriteMetadata(VaultRequest request) => Locked(() =>
    {
        var secret = Find(request) ?? (_secrets[request.Captured["path"]] = new KvSecret(_time.GetUtcNow()));
        secret.Limits = Limits(request.Fields, secret.Limits);
        if (request.Fields.Map("custom_metadata") is { } custom)
            secret.CustomMetadata = custom;
    });

    private Answer? DeleteMetadata(VaultRequest request) => Locked(() => _secrets.Remove(request.Captured["path"]));

    private Answer? List(string folder)
    {
        lock (_lock)
            return Answer.Keys(KvPaths.Below(_secrets.Keys, folder));
    }

    private static KvLimits Limits(Fields fields, KvLimits before) => new(
        fields.Number("max_versions", before.MaxVersions),
        fields.Flag("cas_required", before.IsCasRequired),
        fields.Span("delete_version_after", before.DeleteAfter));

    private static JsonObject Described(KvLimits limits) => new()
    {
        ["cas_required"] = limits.IsCasRequired,
        ["delete_version_after"] = Durations.Print(limits.DeleteAfter),
        ["max_versions"] = limits.MaxVersions,
    };
}
