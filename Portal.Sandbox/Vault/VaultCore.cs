using Portal.Sandbox.Vault.Engines;

namespace Portal.Sandbox.Vault;

/// <summary>Vault without its HTTP: who asks, may they, which engine answers, and what hangs on the answer.</summary>
internal sealed class VaultCore : IAsyncDisposable
{
    /// <summary>Answered sealed or not, and never written down.</summary>
    private static readonly HashSet<string> s_status = new(["sys/health", "sys/seal-status", "sys/unseal", "sys/init", "sys/leader"], StringComparer.Ordinal);

    private readonly Envelopes _envelopes;
    private volatile bool _isSealed;

    public VaultCore(VaultServerOptions options, ILoggerFactory loggers)
    {
        Time = options.TimeProvider;
        var logger = loggers.CreateLogger<VaultCore>();
        Queue = new ExpiryQueue(Time, e => CoreLog.DeadlineFailed(logger, e.GetType().Name));
        Audit = new AuditDevices(Time);
        Leases = new Leases(Queue, Time, options.RevocationRetry, loggers.CreateLogger<Leases>());
        Tokens = new TokenStore(Queue, Leases, Time);
        Wrapping = new Wrapping(Tokens, Time);
        _envelopes = new Envelopes(this);
        RootToken = Tokens.Add(new TokenEntry
        {
            Id = options.RootToken ?? TokenStore.NewId(),
            Accessor = TokenStore.NewAccessor(),
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

    public AuditDevices Audit { get; }

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
        if (IsSealed && !s_status.Contains(request.Path))
            throw new VaultError(503, "Vault is sealed");
        var mount = Mounts.Find(request.Path);
        if (mount is not null)
        {
            request.Mount = mount;
            request.RelativePath = request.Path.Length < mount.Path.Length ? "" : request.Path[mount.Path.Length..];
        }

        if (mount?.Engine.IsPublic(request.RelativePath) == true)
            return s_status.Contains(request.Path) ? await AnswerAsync(request, mount) : await AuditedAsync(request, mount);
        try
        {
            Admit(request, mount);
            if (mount is null)
                throw new VaultError(404, $"no handler for route '{request.Path}'");
            return await AuditedAsync(request, mount);
        }
        finally
        {
            if (request.Token is { Uses: < 0 } used)
                Tokens.Revoke(used);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Queue.Dispose();
        Audit.Dispose();
        foreach (var mount in Mounts.All)
            await mount.Engine.DisposeAsync();
    }

    private async Task<WireAnswer> AnswerAsync(VaultRequest request, Mount mount)
    {
        var answer = await mount.Engine.HandleAsync(request)
            ?? (request.Operation is Operation.Read or Operation.List ? throw new VaultError(404, null) : new Answer { Status = 204, IsEmpty = true });
        return _envelopes.Enclose(request, answer);
    }

    private async Task<WireAnswer> AuditedAsync(VaultRequest request, Mount mount)
    {
        Audit.WriteRequest(request);
        try
        {
            var answer = await AnswerAsync(request, mount);
            Audit.WriteResponse(request, answer.Body);
            return answer;
        }
        catch (VaultError e)
        {
            Audit.WriteResponse(request, null, e.Text);
            throw;
        }
    }

    private void Admit(VaultRequest request, Mount? mount)
    {
        try
        {
            request.Token = Authenticate(request);
            Authorize(request, mount);
        }
        catch (VaultError e)
        {
            Audit.WriteRequest(request, e.Text);
            throw;
        }
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

internal static partial class CoreLog
{
    [LoggerMessage(1, LogLevel.Error, "Something that was due failed: {Failure}.")]
    public static partial void DeadlineFailed(ILogger logger, string failure);
}
