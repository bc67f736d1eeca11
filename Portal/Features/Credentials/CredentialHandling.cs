using Portal.Features.SignIn;

namespace Portal.Features.Credentials;

/// <summary>What a person can do with one kind of credential from a list. Each kind's room registers its own.</summary>
/// <param name="Scope">Of the access tokens that may look at it and do the same.</param>
/// <param name="Icon">One of MudBlazor's SVG icons.</param>
/// <param name="ExtendAsync">From now, by the duration.</param>
/// <param name="AskAgain">Where to ask for the same once more.</param>
public sealed record CredentialHandling(
    CredentialKind Kind,
    string Scope,
    string Icon,
    Func<Actor, Guid, TimeSpan, CancellationToken, Task<ExtendOutcome>> ExtendAsync,
    Func<Actor, Guid, CancellationToken, Task<RevokeOutcome>> EndAsync,
    Func<CredentialView, string> AskAgain);
