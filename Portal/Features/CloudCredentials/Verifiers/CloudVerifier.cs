using System.Security.Authentication;
using Microsoft.Extensions.Options;
using Portal.Outbound;

namespace Portal.Features.CloudCredentials.Verifiers;

/// <summary>What all verifiers do alike: they give up in time, turn every failure into a verdict, and let no secret into one.</summary>
internal abstract partial class CloudVerifier(CloudCalls calls) : ICloudVerifier
{
    public abstract string Type { get; }

    /// <summary>For sentences: <c>Amazon Web Services</c>.</summary>
    protected abstract string Cloud { get; }

    protected OutboundClients Clients => calls.Clients;

    protected CloudCredentialsOptions.CloudEndpoints Endpoints => calls.Options.Value.Endpoints;

    public async Task<CloudVerdict> VerifyAsync(IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        var timeout = calls.Options.Value.VerifyTimeout;
        using var deadline = new CancellationTokenSource(timeout, calls.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        CloudVerdict verdict;
        try
        {
            verdict = await AskAsync(values, either.Token);
        }
        catch (Exception exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            verdict = deadline.IsCancellationRequested
                ? new CloudVerdict.Unreachable($"{Cloud} does not answer within {timeout.TotalSeconds:0.#} s.")
                : Judge(exception);
        }

        return CloudWords.Without(Secrets(values), verdict);
    }

    /// <summary>Asks. May throw anything: see <see cref="CloudVerdictException"/> for the shortest way out.</summary>
    protected abstract Task<CloudVerdict> AskAsync(IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken);

    /// <summary>What must stand in no verdict, whatever a cloud says.</summary>
    protected abstract IEnumerable<string?> Secrets(IReadOnlyDictionary<string, string> values);

    /// <summary>What the cloud's library makes of a refusal; null when it is none.</summary>
    protected virtual CloudVerdict? Refusal(Exception exception) => null;

    /// <summary>The value, when it can stand in a header or a query.</summary>
    protected static string Line(IReadOnlyDictionary<string, string> values, string field)
    {
        if (values.GetValueOrDefault(field) is not { Length: > 0 } value)
            throw new CloudVerdictException(new CloudVerdict.Bad($"{field} is missing."));
        return value.All(character => character is > ' ' and < '\x7f')
            ? value
            : throw new CloudVerdictException(new CloudVerdict.Bad($"{field} has characters that no such value has."));
    }

    protected Task<CloudAnswer> SendAsync(HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken) =>
        CloudAnswer.SendAsync(client, request, Cloud, cancellationToken);

    private CloudVerdict Judge(Exception exception)
    {
        if (exception is CloudVerdictException { Verdict: var verdict })
            return verdict;
        if (OutboundException.Within(exception) is { } refused)
            return new CloudVerdict.Unreachable(refused.Message);
        if (Refusal(exception) is { } refusal)
            return refusal;
        if (Within<AuthenticationException>(exception) is not null)
            return new CloudVerdict.Unreachable($"{Cloud} is not believed: its certificate is not one that the portal trusts for that address.");
        if (Within<HttpRequestException>(exception) is { } failure)
        {
            return new CloudVerdict.Unreachable(failure.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => $"{Cloud} is not found: its name leads nowhere.",
                HttpRequestError.ConnectionError => $"{Cloud} takes no connection.",
                _ => $"{Cloud} breaks the connection off.",
            });
        }

        if (Within<IOException>(exception) is not null)
            return new CloudVerdict.Unreachable($"{Cloud} breaks the connection off.");
        if (Within<OperationCanceledException>(exception) is not null)
            return new CloudVerdict.Unreachable($"{Cloud} does not answer in time.");
        // Its message may hold anything.
        Log.Nonsense(calls.Logger, Type, Kinds(exception));
        return CloudAnswer.Nonsense(Cloud);
    }

    private static string Kinds(Exception? exception) =>
        exception is null ? "" : $"{exception.GetType().Name}{(exception.InnerException is null ? "" : $" for {Kinds(exception.InnerException)}")}";

    private static T? Within<T>(Exception? exception)
        where T : Exception => exception switch
        {
            null => null,
            T found => found,
            AggregateException several => several.InnerExceptions.Select(Within<T>).FirstOrDefault(found => found is not null),
            _ => Within<T>(exception.InnerException),
        };

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "What the cloud of {Type} credentials answers cannot be read: {Kinds}")]
        public static partial void Nonsense(ILogger logger, string type, string kinds);
    }
}

/// <summary>What a verifier works with.</summary>
internal sealed record CloudCalls(OutboundClients Clients, IOptions<CloudCredentialsOptions> Options, TimeProvider Time, ILogger<CloudCalls> Logger);

/// <summary>The verdict is found, deep within.</summary>
internal sealed class CloudVerdictException(CloudVerdict verdict) : Exception("The verdict is found.")
{
    public CloudVerdict Verdict => verdict;
}
