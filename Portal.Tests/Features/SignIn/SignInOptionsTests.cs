using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Features.SignIn;
using Portal.Tests.Support;

namespace Portal.Tests.Features.SignIn;

public class SignInOptionsTests
{
    private static readonly (string Key, string? Value)[] s_good =
    [
        ("SignIn:GitHub:ClientId", "Iv1"), ("SignIn:GitHub:ClientSecret", "secret"), ("SignIn:GitHub:Organizations:0", "acme"),
    ];

    [Fact]
    public void The_defaults_are_those_of_the_documentation()
    {
        var options = Read<SignInOptions>();

        (options.SessionLifetime, options.IdleTimeout, options.MembershipInterval, options.MembershipGrace)
            .ShouldBe((TimeSpan.FromHours(12), TimeSpan.FromHours(1), TimeSpan.FromMinutes(5), TimeSpan.FromHours(4)));
    }

    [Theory]
    [InlineData(null, null, "https://github.com/", "https://api.github.com/")]
    [InlineData("https://github.example", null, "https://github.example/", "https://github.example/api/v3/")]
    [InlineData("https://github.example/", null, "https://github.example/", "https://github.example/api/v3/")]
    [InlineData("https://github.example", "https://api.github.example", "https://github.example/", "https://api.github.example/")]
    [InlineData("http://127.0.0.1:4000", null, "http://127.0.0.1:4000/", "http://127.0.0.1:4000/api/v3/")]
    public void The_api_follows_from_the_address(string? url, string? apiUrl, string web, string api)
    {
        var options = Read<GitHubOptions>(("SignIn:GitHub:Url", url), ("SignIn:GitHub:ApiUrl", apiUrl));

        (options.Web.AbsoluteUri, options.Api.AbsoluteUri).ShouldBe((web, api));
    }

    [Theory]
    [InlineData("SignIn:SessionLifetime", "12")]
    [InlineData("SignIn:SessionLifetime", "00:00:00")]
    [InlineData("SignIn:IdleTimeout", "13:00:00")]
    [InlineData("SignIn:IdleTimeout", "-01:00:00")]
    [InlineData("SignIn:MembershipInterval", "00:00:00")]
    [InlineData("SignIn:MembershipInterval", "5")]
    [InlineData("SignIn:MembershipGrace", "4")]
    [InlineData("SignIn:IdleTimeout", "soon")]
    public void A_wrong_duration_names_its_key(string key, string value) => Mistake<SignInOptions>((key, value)).ShouldContain(key);

    [Theory]
    [InlineData("SignIn:GitHub:Url", "github.com")]
    [InlineData("SignIn:GitHub:Url", "http://github.example")]
    [InlineData("SignIn:GitHub:ApiUrl", "ftp://api.github.com")]
    [InlineData("SignIn:GitHub:ApiUrl", "https://api.github.com?x=y")]
    [InlineData("SignIn:GitHub:ClientId", null)]
    [InlineData("SignIn:GitHub:ClientSecret", null)]
    [InlineData("SignIn:GitHub:ClientSecretFile", "/some/file")]
    [InlineData("SignIn:GitHub:Organizations:0", "")]
    public void A_wrong_GitHub_setting_names_its_key(string key, string? value) => Mistake<GitHubOptions>((key, value)).ShouldContain(key);

    [Fact]
    public void All_mistakes_are_told_at_once_and_no_secret_with_them()
    {
        var mistakes = Mistake<GitHubOptions>(("SignIn:GitHub:Url", "x"), ("SignIn:GitHub:ClientId", null), ("SignIn:GitHub:ClientSecretFile", "/f"));

        foreach (var key in (string[])["SignIn:GitHub:Url", "SignIn:GitHub:ClientId", "SignIn:GitHub:ClientSecretFile"])
            mistakes.ShouldContain(key);
        mistakes.ShouldNotContain("secret;");
    }

    [Fact]
    public void The_client_secret_may_lie_in_a_file()
    {
        using var file = new TemporaryFile("from-file\n");

        Read<GitHubOptions>(("SignIn:GitHub:ClientSecret", null), ("SignIn:GitHub:ClientSecretFile", file.Path)).ReadClientSecret().ShouldBe("from-file");
        // As a chart's empty value may say it.
        Read<GitHubOptions>(("SignIn:GitHub:ClientSecret", ""), ("SignIn:GitHub:ClientSecretFile", file.Path)).ReadClientSecret().ShouldBe("from-file");
    }

    [Theory]
    [InlineData("/no/such/file", "cannot be read")]
    [InlineData("", "is missing")]
    public void A_client_secret_file_that_is_of_no_use_is_named(string path, string what) =>
        Mistake<GitHubOptions>(("SignIn:GitHub:ClientSecret", null), ("SignIn:GitHub:ClientSecretFile", path)).ShouldContain(what);

    [Fact]
    public void An_empty_client_secret_file_is_named()
    {
        using var file = new TemporaryFile("\n");

        Mistake<GitHubOptions>(("SignIn:GitHub:ClientSecret", null), ("SignIn:GitHub:ClientSecretFile", file.Path)).ShouldContain($"{file.Path}, which is empty");
    }

    private static string Mistake<T>(params (string Key, string? Value)[] settings)
        where T : class => Should.Throw<Exception>(() => Read<T>(settings)).Message;

    private static T Read<T>(params (string Key, string? Value)[] settings)
        where T : class
    {
        var all = s_good.Concat(settings).GroupBy(setting => setting.Key).Select(group => group.Last()).Where(setting => setting.Value is not null);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(all.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).Build();
        return new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSignIn().BuildServiceProvider()
            .GetRequiredService<IOptions<T>>().Value;
    }
}
