using Portal.Features.Credentials;
using static Portal.Tests.Features.Credentials.CredentialSamples;

namespace Portal.Tests.Features.Credentials;

public sealed class ExtendQuestionTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 23, 13, 32, 0, TimeSpan.Zero);

    [Fact]
    public void Only_lives_that_gain_something_are_offered() =>
        Choices(left: 50, longest: 480).ShouldBe([60, 240, 480]);

    [Fact]
    public void The_longest_is_whole_minutes_so_that_it_is_still_allowed_when_it_arrives() =>
        ExtendQuestion.Choices(Active(s_now), s_now.AddSeconds(2)).Select(choice => choice.TotalMinutes).ShouldBe([240, 479]);

    [Fact]
    public void None_are_left_at_the_latest_end() => Choices(left: 480, longest: 480).ShouldBeEmpty();

    [Fact]
    public void A_short_grant_offers_its_own_longest() => Choices(left: 3, longest: 10).ShouldBe([10]);

    private static IEnumerable<double> Choices(int left, int longest) => ExtendQuestion
        .Choices(Active(s_now) with { ExpiresAt = s_now.AddMinutes(left), LatestEnd = s_now.AddMinutes(longest) }, s_now)
        .Select(choice => choice.TotalMinutes);
}
