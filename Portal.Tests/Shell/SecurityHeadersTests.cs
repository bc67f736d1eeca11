using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Portal.Shell;

namespace Portal.Tests.Shell;

public sealed class SecurityHeadersTests
{
    [Fact]
    public async Task Scripts_run_by_this_requests_nonce_alone_and_nothing_comes_from_elsewhere()
    {
        var (headers, nonce) = await AnswerAsync();

        var policy = headers.ContentSecurityPolicy.ToString().Split("; ").ToDictionary(part => part.Split(' ')[0], part => part[(part.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        policy["default-src"].ShouldBe("'none'");
        policy["script-src"].ShouldBe($"'nonce-{nonce}'");
        policy["connect-src"].ShouldBe("'self'");
        policy["frame-ancestors"].ShouldBe("'none'");
        policy["base-uri"].ShouldBe("'self'");
        policy["form-action"].ShouldBe("'self' https://github.example");
        policy.Values.ShouldAllBe(sources => !sources.Contains('*') && !sources.Contains("unsafe-eval"));
        policy.Where(part => part.Key != "style-src").ShouldAllBe(part => !part.Value.Contains("unsafe-inline"));
    }

    [Fact]
    public async Task A_nonce_is_never_used_twice()
    {
        var (_, one) = await AnswerAsync();
        var (_, other) = await AnswerAsync();

        Convert.FromBase64String(one!).Length.ShouldBe(16);
        one.ShouldNotBe(other);
    }

    [Fact]
    public async Task The_other_headers_are_there()
    {
        var (headers, _) = await AnswerAsync();

        headers.XContentTypeOptions.ToString().ShouldBe("nosniff");
        headers["Referrer-Policy"].ToString().ShouldBe("same-origin");
        headers["Cross-Origin-Opener-Policy"].ToString().ShouldBe("same-origin");
        headers["Permissions-Policy"].ToString().ShouldContain("geolocation=()");
    }

    [Fact]
    public async Task They_survive_an_exception_handler_that_clears_the_answer()
    {
        var (headers, _) = await AnswerAsync(context =>
        {
            context.Response.Headers.Clear();
            return Task.CompletedTask;
        });

        headers.ContentSecurityPolicy.ToString().ShouldContain("script-src 'nonce-");
    }

    private static async Task<(IHeaderDictionary Headers, string? Nonce)> AnswerAsync(RequestDelegate? next = null)
    {
        var options = new SecurityHeadersOptions();
        options.FormActions.Add("https://github.example");
        var response = new StartingResponse();
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseFeature>(response);

        await new SecurityHeaders(next ?? (_ => Task.CompletedTask), Options.Create(options)).InvokeAsync(context);
        await response.StartAsync();
        return (context.Response.Headers, SecurityHeaders.Nonce(context));
    }

    /// <summary>Runs at its start what was asked for, as a server does.</summary>
    private sealed class StartingResponse : HttpResponseFeature
    {
        private readonly Stack<(Func<object, Task> Run, object State)> _starting = new();

        public override void OnStarting(Func<object, Task> callback, object state) => _starting.Push((callback, state));

        public async Task StartAsync()
        {
            foreach (var (run, state) in _starting)
                await run(state);
        }
    }
}
