using Portal.Features.SignIn;

namespace Portal.Features.Credentials;

/// <summary>What a person can do with one kind of credential from a list. Each kind's room registers its own.</summary>
/// <param name="Icon">One of MudBlazor's SVG icons.</param>
/// <param name="ExtendAsync">From now, by the duration. Answers null when done, else why not, in words for the person.</param>
/// <param name="EndAsync">Answers null when done or on its way, else why not.</param>
/// <param name="AskAgain">Where to ask for the same once more.</param>
public sealed record CredentialHandling(
    CredentialKind Kind,
    string Icon,
    Func<Actor, Guid, TimeSpan, CancellationToken, Task<string?>> ExtendAsync,
    Func<Actor, Guid, CancellationToken, Task<string?>> EndAsync,
    Func<CredentialView, string> AskAgain);
