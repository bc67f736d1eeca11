using CsCheck;
using Portal.Shell;

namespace Portal.Tests.Shell;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("90", "01:30:00")]
    [InlineData("45 min", "00:45:00")]
    [InlineData("45m", "00:45:00")]
    [InlineData("2 h", "02:00:00")]
    [InlineData("1.5 h", "01:30:00")]
    [InlineData("1,5 hours", "01:30:00")]
    [InlineData("1h30", "01:30:00")]
    [InlineData("1 h 30 min", "01:30:00")]
    [InlineData("1:30", "01:30:00")]
    [InlineData(" 8 H ", "08:00:00")]
    [InlineData("2 days", "2.00:00:00")]
    [InlineData("30 s", "00:00:30")]
    [InlineData("0", "00:00:00")]
    public void Times_are_read_as_people_write_them(string text, string expected) =>
        DurationText.Parse(text).ShouldBe(TimeSpan.Parse(expected, null));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("-5")]
    [InlineData("soon")]
    [InlineData("1:75")]
    [InlineData("99999 days")]
    [InlineData("h")]
    public void What_says_no_time_is_none(string? text) => DurationText.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData("00:15:00", "15 min")]
    [InlineData("01:00:00", "1 h")]
    [InlineData("01:30:00", "1 h 30 min")]
    [InlineData("1.00:00:00", "24 h")]
    [InlineData("3.00:00:00", "3 days")]
    [InlineData("00:00:45", "45 s")]
    [InlineData("00:00:00", "0 min")]
    public void Times_are_written_as_people_read_them(string duration, string expected) =>
        DurationText.Format(TimeSpan.Parse(duration, null)).ShouldBe(expected);

    [Fact]
    public void What_is_written_is_read_back() => Gen.Int[0, 90 * 86400].Sample(seconds =>
        DurationText.Parse(DurationText.Format(TimeSpan.FromSeconds(seconds))) == TimeSpan.FromSeconds(seconds));
}
