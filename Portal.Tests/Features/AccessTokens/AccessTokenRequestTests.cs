using Portal.Features.AccessTokens;

namespace Portal.Tests.Features.AccessTokens;

public sealed class AccessTokenRequestTests
{
    [Theory]
    [InlineData("databases", null)]
    [InlineData(null, null)]
    public void A_scope_that_is_null_is_none_of_the_portals(string? first, string? second) =>
        new AccessTokenRequest("ci", [first!, second!], 3600, "key").Check(["databases", "tokens"], TimeSpan.FromDays(90), null, DateTimeOffset.UnixEpoch)
            .ShouldHaveSingleItem().ShouldBe(new("scopes", "There is no scope ''; scopes are databases, tokens."));
}
