using Microsoft.EntityFrameworkCore;
using Portal.Features.AccessTokens;
using Portal.Features.SignIn;
using Portal.Tests.Support;

namespace Portal.Tests.Features.AccessTokens;

internal static class TokenSeed
{
    /// <summary>Many live tokens of a person, in the database and on the whitelist, whose texts nobody has.</summary>
    public static async Task SeedTokensAsync(this TestPortal portal, string login, int count)
    {
        var now = TimeProvider.System.GetUtcNow();
        var owner = await portal.DatabaseAsync(db => db.Users.SingleAsync(user => user.Login == login));
        var tokens = Enumerable.Range(0, count).Select(number =>
        {
            var token = new AccessToken
            {
                Id = Guid.CreateVersion7(), OwnerId = owner.Id, OwnerLogin = login, Name = $"job-{number}", Scopes = number % 3 == 0 ? "databases tokens" : "databases",
                RequestKey = $"{number}", CreatedAt = now.AddDays(-number % 60), ExpiresAt = now.AddDays(5 + (number % 60)),
                LastUsedOn = number % 4 == 0 ? null : DateOnly.FromDateTime(now.AddDays(-number % 9).UtcDateTime), LastUsedFrom = number % 4 == 0 ? null : "192.0.2.0/24",
            };
            token.Activate();
            token.Shown(now);
            return token;
        }).ToList();
        await Parallel.ForEachAsync(tokens, TestContext.Current.CancellationToken, async (token, cancellationToken) =>
            (await portal.Get<Whitelist>().AddAsync(token, cancellationToken)).ShouldBeTrue());
        await portal.DatabaseAsync(db =>
        {
            db.AddRange(tokens);
            return db.SaveChangesAsync();
        });
    }
}
