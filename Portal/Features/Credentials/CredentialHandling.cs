using Portal.Features.SignIn;

namespace Portal.Features.Credentials;

/// <summary>What a person can do with one kind of credential from a list. Each kind's room registers its own.</summary>
/// <param name="Scope">Of the access tokens that may look at it and do the same.</param>
/// <param name="Icon">One of MudBlazor's SVG icons.</param>
/// <param name="CanExtend">Whether the lists offer it.</param>
/// <param name="ExtendAsync">From now, by the duration.</param>
/// <param name="AskAgain">Where to ask for the same once more.</param>
public sealed record CredentialHandling(
    CredentialKind Kind,
    string Scope,
    string Icon,
    CredentialWords Words,
    bool CanExtend,
    Func<Actor, Guid, TimeSpan, CancellationToken, Task<ExtendOutcome>> ExtendAsync,
    Func<Actor, Guid, CancellationToken, Task<RevokeOutcome>> EndAsync,
    Func<CredentialView, string> AskAgain);

/// <summary>How lists speak of one kind of credential.</summary>
/// <param name="Where">What it opens, and as whom where that is chosen.</param>
/// <param name="Handle">What names it there, such as its user name; null while there is none.</param>
/// <param name="HandleTitle">Such as <c>user name</c>.</param>
/// <param name="End">The button: <c>End now</c>.</param>
/// <param name="EndVerb">Begins the other ones: <c>End</c>.</param>
/// <param name="Ending">Stands on it meanwhile.</param>
/// <param name="Question">Asked before the name of it: <c>End credentials</c>.</param>
/// <param name="Effect">What that will do.</param>
/// <param name="Ended">Said afterwards, behind the role.</param>
/// <param name="NeverShown">What it means that no browser showed it.</param>
public sealed record CredentialWords(
    Func<CredentialView, string> Where,
    Func<CredentialView, string?> Handle,
    string HandleTitle,
    string End,
    string EndVerb,
    string Ending,
    string Question,
    string Effect,
    string Ended,
    string NeverShown);
