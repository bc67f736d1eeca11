using System.Diagnostics;
using Portal.Vault;

namespace Portal.Shell;

/// <summary>What went wrong, in words for the person in front of the page: what happened, what it means, what to do.</summary>
/// <param name="Reference">Found again in the log.</param>
/// <param name="SignedOut">The session is over; the way on is the sign-in page.</param>
public sealed record Trouble(string Title, string Text, string? Reference = null, bool SignedOut = false)
{
    /// <summary>All of it, where there is room for a line alone.</summary>
    public string Line => Reference is null ? $"{Title} {Text}" : $"{Title} {Text} Reference {Reference}";
}

/// <summary>Words for the exceptions a feature knows; null for all others. Registered by the feature.</summary>
public delegate Trouble? TroubleReader(Exception exception);

/// <summary>Turns an exception into <see cref="Trouble"/>; one that nobody knows is logged under a reference.</summary>
public sealed partial class TroubleWords(IEnumerable<TroubleReader> readers, ILogger<TroubleWords> logger)
{
    public Trouble Of(Exception exception)
    {
        if (readers.Select(read => read(exception)).FirstOrDefault(trouble => trouble is not null) is { } known)
            return known;
        if (exception is VaultException vault)
            return new("Vault did not do it.", VaultProblems.Describe(vault).Detail);

        var reference = Activity.Current?.TraceId.ToString() ?? Guid.CreateVersion7().ToString("N");
        Log.PageFailed(logger, reference, exception);
        return new("This did not work.", "The portal met something it did not expect. Nothing you typed is lost; try again in a moment.", reference);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A page failed, shown with reference {Reference}")]
        public static partial void PageFailed(ILogger logger, string reference, Exception exception);
    }
}
