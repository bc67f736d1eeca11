using System.Collections.Concurrent;

namespace Portal.Sandbox.Clouds;

/// <summary>What one cloud does wrong, and lacks, to order. Set from any thread; each holds until it is taken back.</summary>
public sealed class CloudControl
{
    private readonly ConcurrentDictionary<string, byte> _missing = new(StringComparer.OrdinalIgnoreCase);
    private int _calls;

    /// <summary>In the place of every answer; null: all is well.</summary>
    public CloudTrouble? Trouble { get; set; }

    /// <summary>The seeded key was deleted or made inactive.</summary>
    public bool KeyIsDisabled { get; set; }

    /// <summary>How often it was called, whatever it answered.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Takes something away from the seeded account: a region of Amazon's, a resource provider of Azure's, a service of Google's, or <see cref="Access"/>.</summary>
    public void Remove(string name) => _missing[name] = 0;

    /// <summary>With <see cref="Remove"/>: the account may sign in, and see nothing.</summary>
    public const string Access = "access";

    /// <summary>All is well again, and nothing was counted.</summary>
    public void Clear()
    {
        Trouble = null;
        KeyIsDisabled = false;
        _missing.Clear();
        Volatile.Write(ref _calls, 0);
    }

    internal bool Has(string name) => !_missing.ContainsKey(name);

    internal void Count() => Interlocked.Increment(ref _calls);
}

/// <summary>What a cloud does instead of its work.</summary>
public abstract record CloudTrouble
{
    /// <summary>Answers with that status, and a page of HTML.</summary>
    public sealed record Status(int Code) : CloudTrouble;

    /// <summary>Ends the connection without an answer.</summary>
    public sealed record HangUp : CloudTrouble;

    /// <summary>Takes the call and never answers.</summary>
    public sealed record Stall : CloudTrouble;

    public sealed record Redirect(Uri To) : CloudTrouble;

    /// <summary>Answers 200 with what is of no use to anybody.</summary>
    public sealed record Garbage(string Text = "<!DOCTYPE html><title>Captive portal</title>") : CloudTrouble;
}

/// <summary>Troubles and counting, before anything else sees the call.</summary>
internal sealed class CloudWeather(RequestDelegate next, CloudControl control)
{
    public async Task InvokeAsync(HttpContext context)
    {
        control.Count();
        switch (control.Trouble)
        {
            case CloudTrouble.Status { Code: var code }:
                context.Response.StatusCode = code;
                await context.Response.WriteAsync("<!DOCTYPE html><title>Sorry</title>", context.RequestAborted);
                break;
            case CloudTrouble.HangUp:
                context.Abort();
                break;
            case CloudTrouble.Stall:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case CloudTrouble.Redirect { To: var to }:
                context.Response.Redirect(to.AbsoluteUri);
                break;
            case CloudTrouble.Garbage { Text: var text }:
                await context.Response.WriteAsync(text, context.RequestAborted);
                break;
            default:
                await next(context);
                break;
        }
    }
}
