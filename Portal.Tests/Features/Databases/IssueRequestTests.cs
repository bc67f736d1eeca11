using Portal.Features.Databases;

namespace Portal.Tests.Features.Databases;

public class IssueRequestTests
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(8);

    private static IssueRequest Request(int seconds = 3600, string reason = "fix order 42", string key = "k") => new("shop-readonly", seconds, reason, key);

    [Theory]
    [InlineData(60)]
    [InlineData(3600)]
    [InlineData(8 * 3600)]
    public void From_the_shortest_to_the_longest_duration_all_is_well(int seconds) =>
        Request(seconds).Check(s_shortest, s_longest).ShouldBeEmpty();

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(59)]
    [InlineData((8 * 3600) + 1)]
    [InlineData(int.MaxValue)]
    public void Another_duration_is_named_with_what_would_be_right(int seconds) =>
        Request(seconds).Check(s_shortest, s_longest)["durationSeconds"].ShouldBe("The duration must be between 1 min and 8 h.");

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("two\nlines")]
    [InlineData("bell\a")]
    public void A_reason_that_says_nothing_or_hides_something_is_refused(string reason) =>
        Request(reason: reason).Check(s_shortest, s_longest).Keys.ShouldBe(["reason"]);

    [Theory]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----b3BlbnNzaC1rZXktdjEAAAA")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIG")]
    [InlineData("b3BlbnNzaC1rZXktdjEAAAABG5vbmUAAAAEbm9uZQ")]
    [InlineData("PuTTY-User-Key-File-3: ssh-ed25519")]
    public void A_private_key_in_the_reasons_place_is_refused_and_not_repeated(string reason) =>
        Request(reason: reason).Check(s_shortest, s_longest).ShouldHaveSingleItem().Value.ShouldBe(
            "The reason holds a private key. It was not kept, but it has left your computer: treat it as known to others and make a new one.");

    [Fact]
    public void A_reason_may_speak_of_a_private_key() =>
        Request(reason: "replace a lost private key").Check(s_shortest, s_longest).ShouldBeEmpty();

    [Fact]
    public void A_reason_of_ten_thousand_characters_is_refused_with_both_numbers() =>
        Request(reason: new string('x', 10_000)).Check(s_shortest, s_longest)["reason"].ShouldBe("The reason has 10000 characters; at most 500 are kept.");

    [Theory]
    [InlineData("")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void A_request_key_is_asked_for(string key) =>
        Request(key: key).Check(s_shortest, s_longest).Keys.ShouldBe(["requestKey"]);

    [Fact]
    public void All_mistakes_are_named_at_once() =>
        Request(0, "", "").Check(s_shortest, s_longest).Keys.ShouldBe(["durationSeconds", "reason", "requestKey"], ignoreOrder: true);
}
