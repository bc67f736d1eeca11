using System.Net;
using Portal.Vault;

namespace Portal.Tests.Vault;

public sealed class VaultLoginsTests : IAsyncLifetime
{
    private readonly VaultDouble _vault = new();

    private VaultLogins Logins => _vault.Get<VaultLogins>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Fact]
    public async Task A_hundred_callers_cause_one_login()
    {
        var held = new TaskCompletionSource<HttpResponseMessage>();
        _vault.Answer = _ => held.Task;
        var callers = Enumerable.Range(0, 100).Select(_ => Task.Run(() => Logins.GetAsync(VaultRole.Databases, Ct))).ToList();
        await EventuallyAsync(() => _vault.Logins.Count > 0);
        held.SetResult(VaultDouble.Auth("s.one", 1200));

        (await Task.WhenAll(callers)).ShouldAllBe(login => login.Token == "s.one");

        _vault.Requests.Count.ShouldBe(1);
        _vault.Requests[0].Json["role"]!.GetValue<string>().ShouldBe("portal-databases");
        _vault.Requests[0].Token.ShouldBeNull();
    }

    [Fact]
    public async Task Each_role_logs_in_for_itself()
    {
        var one = await Logins.GetAsync(VaultRole.SignIn, Ct);
        var other = await Logins.GetAsync(VaultRole.Audit, Ct);

        one.Token.ShouldNotBe(other.Token);
        _vault.Logins.Select(login => login.Json["role"]!.GetValue<string>()).ShouldBe(["portal-sign-in", "portal-audit"]);
    }

    [Fact]
    public async Task The_token_file_is_read_at_every_login()
    {
        var first = await Logins.GetAsync(VaultRole.SignIn, Ct);
        _vault.TokenFile.Write("jwt-two\n");
        await Logins.ReplaceAsync(VaultRole.SignIn, first, Ct);

        _vault.Logins.Select(login => login.Json["jwt"]!.GetValue<string>()).ShouldBe(["jwt-one", "jwt-two"]);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(null, "cannot be read")]
    public async Task A_token_file_that_is_no_use_is_named(string? text, string why)
    {
        if (text is null)
            _vault.TokenFile.Dispose();
        else
            _vault.TokenFile.Write(text);

        var failure = await Should.ThrowAsync<VaultException>(() => Logins.GetAsync(VaultRole.SignIn, Ct));

        failure.Failure.ShouldBe(VaultFailure.Denied);
        failure.Words.ShouldContain($"{_vault.TokenFile.Path} (Vault:TokenFile) {why}");
    }

    [Fact]
    public async Task Nothing_is_renewed_before_two_thirds_of_its_life()
    {
        await Logins.GetAsync(VaultRole.SignIn, Ct);
        _vault.Time.Advance(TimeSpan.FromSeconds(799));
        await Logins.GetAsync(VaultRole.SignIn, Ct);

        _vault.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task After_two_thirds_callers_go_on_with_the_old_token_while_one_renewal_is_under_way()
    {
        var held = new TaskCompletionSource<HttpResponseMessage>();
        var old = await Logins.GetAsync(VaultRole.SignIn, Ct);
        _vault.Answer = _ => held.Task;
        _vault.Time.Advance(TimeSpan.FromSeconds(800));

        for (var caller = 0; caller < 10; caller++)
            (await Logins.GetAsync(VaultRole.SignIn, Ct)).ShouldBeSameAs(old);

        await EventuallyAsync(() => _vault.Requests.Count == 2);
        _vault.Requests[1].Path.ShouldBe("auth/token/renew-self");
        _vault.Requests[1].Token.ShouldBe("s.1");
        held.SetResult(VaultDouble.Auth("s.1", 1200));
        await EventuallyAsync(async () => !ReferenceEquals(await Logins.GetAsync(VaultRole.SignIn, Ct), old));
        var renewed = await Logins.GetAsync(VaultRole.SignIn, Ct);
        renewed.Token.ShouldBe("s.1");
        renewed.ExpiresAt.ShouldBe(_vault.Time.GetUtcNow() + TimeSpan.FromMinutes(20));
        _vault.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.InternalServerError)]
    public async Task When_renewal_is_refused_it_logs_in_afresh(HttpStatusCode refusal)
    {
        await Logins.GetAsync(VaultRole.SignIn, Ct);
        _vault.Answer = request => request.Path.EndsWith("renew-self", StringComparison.Ordinal)
            ? Task.FromResult(VaultDouble.Errors(refusal, "no"))
            : _vault.Default(request);
        _vault.Time.Advance(TimeSpan.FromSeconds(800));
        await Logins.GetAsync(VaultRole.SignIn, Ct);

        await EventuallyAsync(async () => (await Logins.GetAsync(VaultRole.SignIn, Ct)).Token == "s.2");
    }

    [Fact]
    public async Task A_token_near_the_longest_life_that_Vault_allows_is_replaced()
    {
        await Logins.GetAsync(VaultRole.SignIn, Ct);
        _vault.Answer = request => request.Path.EndsWith("renew-self", StringComparison.Ordinal)
            ? Task.FromResult(VaultDouble.Auth("s.1", 60))
            : _vault.Default(request);
        _vault.Time.Advance(TimeSpan.FromSeconds(800));
        await Logins.GetAsync(VaultRole.SignIn, Ct);

        await EventuallyAsync(async () => (await Logins.GetAsync(VaultRole.SignIn, Ct)).Token == "s.2");
    }

    [Fact]
    public async Task A_token_that_cannot_be_renewed_is_replaced_without_asking()
    {
        _vault.Answer = request => Task.FromResult(VaultDouble.Auth($"s.{_vault.Logins.Count}", 1200, renewable: false));
        await Logins.GetAsync(VaultRole.SignIn, Ct);
        _vault.Time.Advance(TimeSpan.FromSeconds(800));
        await Logins.GetAsync(VaultRole.SignIn, Ct);

        await EventuallyAsync(async () => (await Logins.GetAsync(VaultRole.SignIn, Ct)).Token == "s.2");
        _vault.Requests.ShouldAllBe(request => request.Path == "auth/kubernetes/login");
    }

    [Fact]
    public async Task While_Vault_is_away_the_old_token_serves_until_its_end_and_renewal_is_tried_again_now_and_then()
    {
        await Logins.GetAsync(VaultRole.SignIn, Ct);
        _vault.Answer = _ => throw new HttpRequestException("refused");
        _vault.Time.Advance(TimeSpan.FromSeconds(800));
        (await Logins.GetAsync(VaultRole.SignIn, Ct)).Token.ShouldBe("s.1");
        await EventuallyAsync(() => _vault.Log.Text.Contains("could not be renewed yet", StringComparison.Ordinal));
        var asked = _vault.Requests.Count;

        (await Logins.GetAsync(VaultRole.SignIn, Ct)).Token.ShouldBe("s.1");
        _vault.Requests.Count.ShouldBe(asked);

        _vault.Answer = _vault.Default;
        _vault.Time.Advance(TimeSpan.FromSeconds(6));
        (await Logins.GetAsync(VaultRole.SignIn, Ct)).Token.ShouldBe("s.1");
        await EventuallyAsync(async () => (await Logins.GetAsync(VaultRole.SignIn, Ct)).ExpiresAt > _vault.Time.GetUtcNow() + TimeSpan.FromMinutes(19));
    }

    [Fact]
    public async Task A_token_whose_life_is_over_is_not_used_any_more()
    {
        await Logins.GetAsync(VaultRole.SignIn, Ct);
        _vault.Time.Advance(TimeSpan.FromSeconds(1200));

        (await Logins.GetAsync(VaultRole.SignIn, Ct)).Token.ShouldBe("s.2");
    }

    [Fact]
    public async Task A_failed_login_fails_all_who_wait_and_the_next_caller_tries_again()
    {
        _vault.Answer = _ => throw new HttpRequestException("refused");
        (await Should.ThrowAsync<VaultException>(() => Logins.GetAsync(VaultRole.SignIn, Ct))).Failure.ShouldBe(VaultFailure.Unreachable);
        _vault.Answer = _vault.Default;

        (await Logins.GetAsync(VaultRole.SignIn, Ct)).Token.ShouldBe("s.1");
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_end_the_login_for_others()
    {
        var held = new TaskCompletionSource<HttpResponseMessage>();
        _vault.Answer = _ => held.Task;
        using var impatient = new CancellationTokenSource();
        var first = Logins.GetAsync(VaultRole.SignIn, impatient.Token);
        var second = Logins.GetAsync(VaultRole.SignIn, Ct);

        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        held.SetResult(VaultDouble.Auth("s.one", 1200));

        (await second).Token.ShouldBe("s.one");
        _vault.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Callers_refused_together_get_the_same_new_login()
    {
        var refused = await Logins.GetAsync(VaultRole.SignIn, Ct);

        var logins = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => Logins.ReplaceAsync(VaultRole.SignIn, refused, Ct))));

        logins.ShouldAllBe(login => login.Token == "s.2");
        _vault.Logins.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_renewal_of_a_token_that_was_refused_meanwhile_does_not_bring_it_back()
    {
        var held = new TaskCompletionSource<HttpResponseMessage>();
        var old = await Logins.GetAsync(VaultRole.SignIn, Ct);
        _vault.Answer = request => request.Path.EndsWith("renew-self", StringComparison.Ordinal) ? held.Task : _vault.Default(request);
        _vault.Time.Advance(TimeSpan.FromSeconds(800));
        await Logins.GetAsync(VaultRole.SignIn, Ct);
        await EventuallyAsync(() => _vault.Requests.Count == 2);

        (await Logins.ReplaceAsync(VaultRole.SignIn, old, Ct)).Token.ShouldBe("s.2");
        held.SetResult(VaultDouble.Auth("s.1", 1200));
        _vault.Time.Advance(TimeSpan.FromSeconds(800));
        await Logins.GetAsync(VaultRole.SignIn, Ct);
        // The slot renews one at a time: the second renewal tells that the first has ended.
        await EventuallyAsync(async () =>
        {
            await Logins.GetAsync(VaultRole.SignIn, Ct);
            return _vault.Requests.Count(request => request.Path.EndsWith("renew-self", StringComparison.Ordinal)) == 2;
        });

        (await Logins.GetAsync(VaultRole.SignIn, Ct)).Token.ShouldBe("s.2");
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, "invalid role name \"portal-sign-in\"", VaultFailure.Denied)]
    [InlineData(HttpStatusCode.BadRequest, "missing client token", VaultFailure.Denied)]
    [InlineData(HttpStatusCode.Forbidden, "permission denied", VaultFailure.Denied)]
    [InlineData(HttpStatusCode.Forbidden, "service account name not authorized", VaultFailure.Denied)]
    [InlineData(HttpStatusCode.InternalServerError, "service account name not authorized", VaultFailure.Denied)]
    [InlineData(HttpStatusCode.NotFound, "no handler for route 'auth/kubernetes/login'", VaultFailure.Denied)]
    [InlineData(HttpStatusCode.InternalServerError, "Post \"https://k8s\": dial tcp: connection refused", VaultFailure.Unexpected)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "Vault is sealed", VaultFailure.Sealed)]
    public async Task Refused_logins_say_why(HttpStatusCode status, string words, VaultFailure kind)
    {
        _vault.Answer = _ => Task.FromResult(VaultDouble.Errors(status, words));

        var failure = await Should.ThrowAsync<VaultException>(() => Logins.GetAsync(VaultRole.SignIn, Ct));

        failure.Failure.ShouldBe(kind);
        failure.Path.ShouldBe("auth/kubernetes/login");
        failure.Words.ShouldContain(words);
    }

    private static Task EventuallyAsync(Func<bool> condition) => EventuallyAsync(() => Task.FromResult(condition()));

    // What goes on in the background tells nobody when it is done.
    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
            await Task.Delay(5, Ct);
    }
}
