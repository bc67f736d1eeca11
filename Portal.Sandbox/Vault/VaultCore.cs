using System.Text.Json.Nodes;
using Portal.Sandbox.Vault.Engines;

namespace Portal.Sandbox.Vault;

/// <summary>Vault without its HTTP: who asks, may they, which engine answers, and what hangs on the answer.</summary>
internal sealed class VaultCore : IAsyncDisposable
{
    private readonly Envelopes _envelopes;
    private volatile bool _isSealed;

    public VaultCore(VaultServerOptions options, ILoggerFactory loggers)
    {
        Time = options.TimeProvider;
        var logger = loggers.CreateLogger<VaultCore>();
        Queue = new ExpiryQueue(Time, e => CoreLog.DeadlineFailed(logger, e.GetType().Name));
        Leases = new Leases(Queue, Time, options.RevocationRetry, loggers.CreateLogger<Leases>());
        Tokens = new TokenStore(Queue, Leases, Time);
        Wrapping = new Wrapping(Tokens, Time);
        _envelopes = new Envelopes(this);
        RootToken = Tokens.Add(new TokenEntry
        {
            Id = options.RootToken ?? TokenStore.NewId(),
            Accessor = TokenStore.NewAccessor(),
            IsOrphan = true,
            Policies = [Vault.Policies.Root],
            Path = "auth/token/root",
            DisplayName = "root",
            Created = Time.GetUtcNow(),
        });
        EngineTypes = new EngineTypes(this);
        Mounts.Add(new Mount("sys/", "system", new SystemEngine(this)) { Description = "system endpoints used for control, policy and debugging" });
        Mounts.Add(new Mount("auth/token/", "token", new TokenEngine(this)) { Description = "token based credentials" });
        Mounts.Add(new Mount("cubbyhole/", "cubbyhole", new CubbyholeEngine()) { Description = "per-token private secret storage", IsLocal = true });
    }

    public TimeProvider Time { get; }

    public ExpiryQueue Queue { get; }

    public Leases Leases { get; }

    public TokenStore Tokens { get; }

    public Policies Policies { get; } = new();

    public Mounts Mounts { get; } = new();

    public AuditDevices Audit { get; } = new();

    public Wrapping Wrapping { get; }

    public EngineTypes EngineTypes { get; }

    public TokenEntry RootToken { get; }

    public string ClusterId { get; } = Secrets.Uuid();

    /// <summary>Sealed, Vault answers nothing and nothing ends.</summary>
    public bool IsSealed
    {
        get => _isSealed;
        set
        {
            _isSealed = value;
            Queue.Pause(value);
        }
    }

    /// <exception cref="VaultError">the answer is no</exception>
    public async Task<WireAnswer> HandleAsync(VaultRequest request)
    {
        if (IsSealed && request.Path is not ("sys/health" or "sys/seal-status" or "sys/unseal"))
            throw new VaultError(503, "Vault is sealed");
        var mount = Mounts.Find(request.Path);
        if (mount is not null)
        {
            request.Mount = mount;
            request.RelativePath = request.Path.Length < mount.Path.Length ? "" : request.Path[mount.Path.Length..];
        }

        if (mount?.Engine.IsPublic(request.RelativePath) == true)
            return await AnswerAsync(request, mount);
        request.Token = Authenticate(request);
        try
        {
            Authorize(request, mount);
            if (mount is null)
                throw new VaultError(404, $"no handler for route '{request.Path}'");
            return await AnswerAsync(request, mount);
        }
        finally
        {
            if (request.Token.Uses < 0)
                Tokens.Revoke(request.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Queue.Dispose();
        foreach (var mount in Mounts.All)
            await mount.Engine.DisposeAsync();
    }

    private async Task<WireAnswer> AnswerAsync(VaultRequest request, Mount mount)
    {
        var answer = await mount.Engine.HandleAsync(request)
            ?? (request.Operation is Operation.Read or Operation.List ? throw new VaultError(404, null) : new Answer { Status = 204, IsEmpty = true });
        return _envelopes.Enclose(request, answer);
    }

    private TokenEntry Authenticate(VaultRequest request)
    {
        if (string.IsNullOrEmpty(request.ClientToken))
            throw VaultError.Invalid("missing client token");
        var token = Tokens.Find(request.ClientToken);
        return token is not null && token.TryUse() ? token : throw new VaultError(403, "permission denied");
    }

    private void Authorize(VaultRequest request, Mount? mount)
    {
        var acl = Policies.AclOf(request.Token!.Policies);
        if (request.Operation == Operation.Update && mount?.Engine.Exists(request) == false)
            request.Operation = Operation.Create;
        if (!acl.Allows(request.Operation, request.Path, mount?.Engine.NeedsSudo(request.RelativePath) == true))
            throw VaultError.Denied();
        request.IsSudo = acl.Of(request.Path).HasFlag(Capabilities.Sudo);
    }
}

/// <summary>What goes over the wire.</summary>
internal sealed record WireAnswer(int Status, JsonObject? Body, string? Plain = null);

internal static partial class CoreLog
{
    [LoggerMessage(1, LogLevel.Error, "Something that was due failed: {Failure}.")]
    public static partial void DeadlineFailed(ILogger logger, string failure);
}
