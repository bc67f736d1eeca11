namespace Portal.Features.CloudCredentials;

/// <summary>What a cloud says about a credential. Its words reach pages, answers and the portal's database: no secret is among them.</summary>
public abstract record CloudVerdict
{
    /// <param name="Identity">Who the key belongs to, such as account, ARN, project: name and value, both safe to show.</param>
    public sealed record Good(IReadOnlyList<CloudFact> Identity) : CloudVerdict;

    /// <summary>The cloud refuses it, or it lacks something.</summary>
    /// <param name="Message">Sentences for people.</param>
    /// <param name="Missing">Each thing that is missing: <c>Microsoft.Network is not registered</c>.</param>
    /// <param name="Identity">Who it belongs to, when the cloud got as far as to say so.</param>
    public sealed record Bad(string Message, IReadOnlyList<string> Missing, IReadOnlyList<CloudFact> Identity) : CloudVerdict
    {
        public Bad(string message)
            : this(message, [], [])
        {
        }
    }

    /// <summary>Nobody knows: no answer, an outage there, a rate limit, an address that the portal does not call.</summary>
    public sealed record Unreachable(string Message) : CloudVerdict;
}

/// <param name="Name">Such as <c>Account</c>.</param>
public sealed record CloudFact(string Name, string Value);

/// <summary>Asks a cloud about credentials of one type. Registered by its feature; only through <c>Portal.Outbound</c>.</summary>
public interface ICloudVerifier
{
    /// <summary>Of the type it verifies: <c>amazon</c>.</summary>
    string Type { get; }

    /// <summary>Throws only for cancellation: all else is a verdict.</summary>
    /// <param name="values">All fields, as <see cref="CloudType.Read"/> made them.</param>
    Task<CloudVerdict> VerifyAsync(IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken);
}
