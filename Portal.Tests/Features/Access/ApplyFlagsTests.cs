using Portal.Features.Access;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Access;

public class ApplyFlagsTests
{
    [Theory]
    [InlineData("", "the access file is not named: apply FILE")]
    [InlineData("a.yaml b.yaml", "one file at a time: 'a.yaml' and 'b.yaml' are named")]
    [InlineData("a.yaml --dryrun", "unknown flag '--dryrun'; '--dry-run' is meant?")]
    [InlineData("a.yaml --force", "unknown flag '--force'; known are --dry-run, --prune, --vault-token-file, --help")]
    [InlineData("a.yaml --vault-token-file", "--vault-token-file needs the name of a file that holds the token")]
    [InlineData("a.yaml --vault-token-file /none", "--vault-token-file '/none' cannot be read")]
    [InlineData("--prun --x", "unknown flag '--prun'; '--prune' is meant?\nunknown flag '--x'; known are --dry-run, --prune, --vault-token-file, --help\nthe access file is not named: apply FILE")]
    public void A_mistake_in_the_flags_is_named(string args, string expected)
    {
        ApplyFlags.Parse(args.Split(' ', StringSplitOptions.RemoveEmptyEntries), null, out var mistakes).ShouldBeNull();

        string.Join('\n', mistakes).ShouldBe(expected);
    }

    [Theory]
    [InlineData("\n", "is empty")]
    [InlineData("s.one\ns.two\n", "holds no token")]
    public void A_token_file_without_a_token_is_named(string content, string expected)
    {
        using var file = new TemporaryFile(content);

        ApplyFlags.Parse(["a.yaml", "--vault-token-file", file.Path], null, out var mistakes).ShouldBeNull();

        mistakes.ShouldHaveSingleItem().ShouldEndWith(expected);
    }

    [Fact]
    public void A_token_file_goes_before_the_environment()
    {
        using var file = new TemporaryFile("s.file\n");

        ApplyFlags.Parse(["a.yaml", "--vault-token-file", file.Path], "s.environment", out _)!.Token.ShouldBe("s.file");
        ApplyFlags.Parse(["a.yaml"], "s.environment\n", out _)!.Token.ShouldBe("s.environment");
        ApplyFlags.Parse(["a.yaml"], "", out _)!.Token.ShouldBeNull();
    }
}
