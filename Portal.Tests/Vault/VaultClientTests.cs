using System.Net;
using System.Text;
using Portal.Vault;

namespace Portal.Tests.Vault;

public sealed class VaultClientTests : IAsyncLifetime
{
    private const string Secret = "canary-secret";
    private static readonly VaultRequest s_read = new(HttpMethod.Get, "portal-kv/data/x");
    private readonly VaultDouble _vault = new();

    private VaultClient Client => _vault.Get<VaultClient>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Fact]
    public async Task A_forgotten_token_costs_one_fresh_login()
    {
        await Client.SendAsync(VaultRole.SignIn, s_read, Ct);
        Answer(request => request.Token == "s.1" ? VaultDouble.Errors(HttpStatusCode.Forbidden, "permission denied") : null);

        await Client.SendAsync(VaultRole.SignIn, new VaultRequest(HttpMethod.Post, "portal-kv/data/x", "{\"a\":1}"u8.ToArray()), Ct);

        _vault.Logins.Count.ShouldBe(2);
        _vault.Requests[^1].ShouldSatisfyAllConditions(
            request => request.Token.ShouldBe("s.2"),
            request => request.Method.ShouldBe("POST"),
            request => request.Body.ShouldBe("{\"a\":1}"));
    }

    [Fact]
    public async Task Refused_also_after_a_fresh_login_is_denied_with_the_path()
    {
        Answer(request => request.Path.Contains("data", StringComparison.Ordinal)
            ? VaultDouble.Errors(HttpStatusCode.Forbidden, "1 error occurred:\n\t* permission denied\n\n")
            : null);

        var failure = await Should.ThrowAsync<VaultException>(() => Client.SendAsync(VaultRole.SignIn, s_read, Ct));

        failure.ShouldSatisfyAllConditions(
            _ => failure.Failure.ShouldBe(VaultFailure.Denied),
            _ => failure.Path.ShouldBe("portal-kv/data/x"),
            _ => failure.Status.ShouldBe(403),
            _ => failure.Errors.ShouldBe(["permission denied"]),
            _ => _vault.Logins.Count.ShouldBe(2));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "unknown role: none", VaultFailure.Invalid)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "Vault is sealed", VaultFailure.Sealed)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "error performing token check: Vault is sealed", VaultFailure.Sealed)]
    [InlineData(HttpStatusCode.ServiceUnavailable, null, VaultFailure.Unreachable)]
    [InlineData(HttpStatusCode.BadGateway, null, VaultFailure.Unreachable)]
    [InlineData(HttpStatusCode.GatewayTimeout, null, VaultFailure.Unreachable)]
    [InlineData(HttpStatusCode.TooManyRequests, "request path quota exceeded", VaultFailure.Unreachable)]
    [InlineData(HttpStatusCode.InternalServerError, "local node not active but active cluster node not found", VaultFailure.Unreachable)]
    [InlineData(HttpStatusCode.InternalServerError, "failed to execute query: pq: syntax error", VaultFailure.Unexpected)]
    [InlineData(HttpStatusCode.MethodNotAllowed, null, VaultFailure.Unexpected)]
    [InlineData(HttpStatusCode.NotFound, "no handler for route 'portal-kv/data/x'", VaultFailure.Unexpected)]
    public async Task Answers_become_one_exception_with_a_kind(HttpStatusCode status, string? words, VaultFailure kind)
    {
        Answer(request => request.Path.Contains("data", StringComparison.Ordinal)
            ? VaultDouble.Errors(status, words is null ? [] : [words])
            : null);

        var failure = await Should.ThrowAsync<VaultException>(() => Client.SendAsync(VaultRole.SignIn, s_read, Ct));

        failure.Failure.ShouldBe(kind);
        failure.Status.ShouldBe((int)status);
        failure.Words.ShouldBe(words ?? "");
        _vault.Logins.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_not_there_is_null()
    {
        Answer(request => request.Path.Contains("data", StringComparison.Ordinal) ? VaultDouble.Errors(HttpStatusCode.NotFound) : null);

        (await Client.SendAsync(VaultRole.SignIn, s_read, Ct)).ShouldBeNull();
    }

    [Fact]
    public async Task A_page_of_something_between_does_not_say_that_it_is_not_there()
    {
        Answer(request => request.Path.Contains("data", StringComparison.Ordinal)
            ? new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("<html>default backend - 404</html>") }
            : null);

        (await Should.ThrowAsync<VaultException>(() => Client.SendAsync(VaultRole.SignIn, s_read, Ct))).Failure.ShouldBe(VaultFailure.Unexpected);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        Answer(request => request.Path.Contains("data", StringComparison.Ordinal)
            ? new HttpResponseMessage(HttpStatusCode.TemporaryRedirect) { Headers = { Location = new Uri("http://other.test:8200/v1/x") } }
            : null);

        var failure = await Should.ThrowAsync<VaultException>(() => Client.SendAsync(VaultRole.SignIn, s_read, Ct));

        failure.Failure.ShouldBe(VaultFailure.Unexpected);
        failure.Words.ShouldBe("redirected to http://other.test:8200; redirects are not followed");
    }

    [Fact]
    public async Task A_page_in_place_of_an_answer_is_unexpected_and_not_repeated()
    {
        Answer(request => request.Path.Contains("data", StringComparison.Ordinal)
            ? new HttpResponseMessage { Content = new StringContent($"<html>{Secret}</html>", Encoding.UTF8, "text/html") }
            : null);

        var failure = await Should.ThrowAsync<VaultException>(() => _vault.Get<KeyValueEngine>().ReadAsync(VaultRole.SignIn, "x", Ct));

        failure.Failure.ShouldBe(VaultFailure.Unexpected);
        failure.ToString().ShouldNotContain(Secret);
    }

    [Fact]
    public async Task No_answer_in_time_is_unreachable()
    {
        await using var vault = new VaultDouble(("Vault:Timeout", "00:00:01"));
        vault.Answer = request => request.Path.Contains("data", StringComparison.Ordinal)
            ? new TaskCompletionSource<HttpResponseMessage>().Task
            : vault.Default(request);

        var failure = await Should.ThrowAsync<VaultException>(() => vault.Get<VaultClient>().SendAsync(VaultRole.SignIn, s_read, Ct));

        failure.Failure.ShouldBe(VaultFailure.Unreachable);
        failure.Words.ShouldBe("no answer within 1 s");
    }

    [Fact]
    public async Task A_connection_that_breaks_is_unreachable()
    {
        Answer(request => request.Path.Contains("data", StringComparison.Ordinal) ? throw new HttpRequestException("connection reset") : null);

        (await Should.ThrowAsync<VaultException>(() => Client.SendAsync(VaultRole.SignIn, s_read, Ct))).Failure.ShouldBe(VaultFailure.Unreachable);
    }

    [Fact]
    public async Task The_callers_own_cancellation_stays_one()
    {
        using var stop = new CancellationTokenSource();
        _vault.Answer = request =>
        {
            if (!request.Path.Contains("data", StringComparison.Ordinal))
                return _vault.Default(request);
            stop.Cancel();
            return new TaskCompletionSource<HttpResponseMessage>().Task;
        };

        await Should.ThrowAsync<OperationCanceledException>(() => Client.SendAsync(VaultRole.SignIn, s_read, stop.Token));
    }

    [Fact]
    public async Task Every_call_says_that_it_is_one_and_for_whom()
    {
        var credential = Guid.CreateVersion7();

        await Client.SendAsync(VaultRole.SignIn, s_read with { Who = new OnBehalfOf("alice", credential) }, Ct);
        await Client.SendAsync(VaultRole.SignIn, s_read, Ct);

        _vault.Requests.ShouldAllBe(request => request.Headers["X-Vault-Request"] == "true");
        _vault.Requests[1].Headers["X-Portal-User"].ShouldBe("alice");
        _vault.Requests[1].Headers["X-Portal-Credential"].ShouldBe(credential.ToString());
        _vault.Requests[2].Headers.Keys.ShouldNotContain("X-Portal-User");
    }

    [Theory]
    [InlineData("alice", "alice")]
    [InlineData("o'neil", "o%27neil")]
    [InlineData("a\r\nX-Vault-Token: root", "a%0D%0AX-Vault-Token%3A%20root")]
    [InlineData("Zoë", "Zo%C3%AB")]
    [InlineData("<script>", "%3Cscript%3E")]
    public async Task A_name_is_one_safe_header(string login, string header)
    {
        await Client.SendAsync(VaultRole.SignIn, s_read with { Who = new OnBehalfOf(login) }, Ct);

        _vault.Requests[^1].Headers["X-Portal-User"].ShouldBe(header);
        _vault.Requests[^1].Token.ShouldBe("s.1");
    }

    [Fact]
    public async Task A_long_name_is_cut()
    {
        await Client.SendAsync(VaultRole.SignIn, s_read with { Who = new OnBehalfOf(new string('é', 10_000)) }, Ct);

        _vault.Requests[^1].Headers["X-Portal-User"].Length.ShouldBeLessThan(210);
    }

    [Theory]
    [InlineData("../sys/raw")]
    [InlineData("users/../../sys")]
    [InlineData("users//github")]
    [InlineData("users/./github")]
    [InlineData("users/a\nb")]
    [InlineData("")]
    public async Task A_path_cannot_leave_its_place(string path)
    {
        await Should.ThrowAsync<ArgumentException>(() => _vault.Get<KeyValueEngine>().ReadAsync(VaultRole.SignIn, path, Ct));

        _vault.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Odd_letters_in_a_path_are_escaped()
    {
        await _vault.Get<KeyValueEngine>().ReadAsync(VaultRole.SignIn, "users/a?b#c d%2e/x", Ct);

        _vault.Requests[^1].Path.ShouldBe("portal-kv/data/users/a%3Fb%23c%20d%252e/x");
    }

    [Fact]
    public async Task A_role_name_with_a_slash_is_refused() =>
        await Should.ThrowAsync<ArgumentException>(() =>
            _vault.Get<DatabaseEngine>().CreateTokenAsync("a/b", TimeSpan.FromMinutes(1), new OnBehalfOf("alice"), Ct));

    [Fact]
    public async Task Nothing_secret_is_logged_or_thrown()
    {
        _vault.TokenFile.Write("canary-jwt");
        Answer(request => request.Path switch
        {
            "auth/kubernetes/login" => VaultDouble.Auth($"hvs.canary-token-{_vault.Logins.Count}", 1200),
            "portal-kv/data/good" => VaultDouble.Json(HttpStatusCode.OK, $$"""{"data":{"data":{"k":"{{Secret}}"},"metadata":{"version":1} } }"""),
            _ => VaultDouble.Errors(HttpStatusCode.Forbidden, "permission denied"),
        });
        var kv = _vault.Get<KeyValueEngine>();
        var secret = (await kv.ReadAsync(VaultRole.SignIn, "good", Ct)).ShouldNotBeNull();
        secret.Data["k"].ShouldBe(Secret);
        var data = new Dictionary<string, string> { ["k"] = Secret };

        var failure = await Should.ThrowAsync<VaultException>(() => kv.WriteAsync(VaultRole.SignIn, "bad", data, null, Ct));

        var told = string.Join('\n', _vault.Log.Text, failure, secret, await _vault.Get<VaultLogins>().GetAsync(VaultRole.SignIn, Ct));
        _vault.Log.Text.ShouldContain("Logged in to Vault as portal-sign-in");
        told.ShouldNotContain("canary");
    }

    private void Answer(Func<SeenRequest, HttpResponseMessage?> answer) =>
        _vault.Answer = request => answer(request) is { } response ? Task.FromResult(response) : _vault.Default(request);
}
