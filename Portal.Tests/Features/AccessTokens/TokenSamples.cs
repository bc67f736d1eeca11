using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Portal.Features.AccessTokens;
using Portal.Shell;

namespace Portal.Tests.Features.AccessTokens;

internal static class TokenSamples
{
    public static readonly ApiScope[] Scopes = [new("tokens", "List, make and revoke access tokens"), new("databases", "Get, extend and end database credentials")];

    /// <summary>Made five days ago for thirty, and never used.</summary>
    public static AccessTokenView Token(DateTimeOffset now, string name = "ci") => new(
        Guid.CreateVersion7(), name, ["databases"], now.AddDays(-5), now.AddDays(25), null, null, NeverShown: false);

    public static Live<IReadOnlyList<AccessTokenView>> Live(FakeTimeProvider time, Func<Task<IReadOnlyList<AccessTokenView>>> load, Action changed)
    {
        var live = new Live<IReadOnlyList<AccessTokenView>>(_ => load(), changed, new TroubleWords([], NullLogger<TroubleWords>.Instance), time);
        _ = live.RunAsync();
        return live;
    }
}
