using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Vault;

/// <summary><c>setup-vault</c> against a Vault that no portal was set up in.</summary>
[Collection(VaultGlobals.Name)]
public sealed class SetupVaultTests : IAsyncLifetime
{
    private readonly SandboxVault _vault = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _vault.InitializeAsync();
        if (OutsideVault.Current is { } outside)
            await outside.ForgetHeadersAsync();
    }

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Fact]
    public async Task It_makes_all_that_the_portal_needs_and_says_so()
    {
        var run = (await _vault.SetUpAsync()).ShouldBeFine();

        var p = _vault.Prefix;
        run.Output.ShouldBe(
            [
                $"+ mount {p}-kv (kv v2)", $"+ mount {p}-db (database)", $"+ mount {p}-ssh (ssh)", $"+ mount {p}-transit (transit)",
                "+ transit key data-protection (aes256-gcm96)", "+ transit key audit (aes256-gcm96)", "+ transit key access-tokens (ecdsa-p256)",
                "+ SSH certificate authority",
                "+ audited header X-Portal-User", "+ audited header X-Portal-Credential",
                $"+ policy {p}-sign-in", $"+ policy {p}-databases", $"+ policy {p}-ssh", $"+ policy {p}-access-tokens", $"+ policy {p}-cloud-credentials", $"+ policy {p}-audit", $"+ policy {p}-health",
                $"+ auth method {AuthPath} (kubernetes)", $"+ auth/{AuthPath}/config",
                $"+ kubernetes role {p}-sign-in", $"+ kubernetes role {p}-databases", $"+ kubernetes role {p}-ssh",
                $"+ kubernetes role {p}-access-tokens", $"+ kubernetes role {p}-cloud-credentials", $"+ kubernetes role {p}-audit", $"+ kubernetes role {p}-health",
            ]);
        foreach (var role in new[] { VaultRole.SignIn, VaultRole.Databases, VaultRole.Ssh, VaultRole.AccessTokens, VaultRole.CloudCredentials, VaultRole.Audit, VaultRole.Health })
            await _vault.Client().GetRequiredService<SystemBackend>().LookUpSelfAsync(role, Ct);
    }

    [Fact]
    public async Task A_second_run_finds_nothing_to_change_and_writes_nothing()
    {
        (await _vault.SetUpAsync("--with-admin")).ShouldBeFine();
        await _vault.Control.ResetAsync(Ct);

        (await _vault.SetUpAsync("--with-admin", "--prune")).ShouldBeFine().Output.ShouldBe(["nothing to change"]);

        (await _vault.Control.RequestsAsync(Ct)).ShouldAllBe(request => request.Method == "GET");
    }

    [Fact]
    public async Task A_dry_run_says_the_same_and_changes_nothing()
    {
        var dry = (await _vault.SetUpAsync("--dry-run", "--with-admin")).ShouldBeFine();
        (await _vault.Control.RequestsAsync(Ct)).ShouldAllBe(request => request.Method == "GET");

        var wet = (await _vault.SetUpAsync("--with-admin")).ShouldBeFine();

        dry.Output.ShouldBe([.. wet.Output, "dry run: nothing was written"]);
    }

    [Fact]
    public async Task What_somebody_changed_is_brought_back()
    {
        await _vault.SetUpAsync();
        var (root, p) = (_vault.Root(), _vault.Prefix);
        await root.WriteAsync($"sys/policies/acl/{p}-audit", new JsonObject { ["policy"] = "path \"*\" { capabilities = [\"read\"] }" }, Ct);
        await root.WriteAsync("sys/config/auditing/request-headers/X-Portal-User", new JsonObject { ["hmac"] = true }, Ct);
        await root.WriteAsync(
            $"auth/{AuthPath}/role/{p}-audit",
            new JsonObject { ["bound_service_account_names"] = "*", ["bound_service_account_namespaces"] = "portal", ["token_policies"] = "root" },
            Ct);

        (await _vault.SetUpAsync()).ShouldBeFine().Output
            .ShouldBe(["~ audited header X-Portal-User", $"~ policy {p}-audit", $"~ kubernetes role {p}-audit"]);
        (await _vault.SetUpAsync()).ShouldBeFine().Output.ShouldBe(["nothing to change"]);
    }

    [Fact]
    public async Task Another_service_account_changes_the_roles()
    {
        await _vault.SetUpAsync();

        (await _vault.SetUpAsync("--service-account", "other")).ShouldBeFine().Output.ShouldAllBe(line => line.StartsWith("~ kubernetes role"));

        await Should.ThrowAsync<VaultException>(() => LogInAsync(VaultRole.Audit));
        _vault.TokenFile.Write(_vault.ServiceAccountToken("other"));
        await LogInAsync(VaultRole.Audit);
    }

    [Fact]
    public async Task A_new_reviewer_token_is_written_although_Vault_does_not_show_the_old_one()
    {
        await _vault.SetUpAsync();
        string[] flags = [.. _vault.SetUpFlags[..^1], _vault.Keep(_vault.ServiceAccountToken("vault")).Path];

        (await _vault.SetUpWithAsync([], flags)).ShouldBeFine().Output
            .ShouldBe([$"~ auth/{AuthPath}/config", $"~ auth method {AuthPath} (description)"]);

        (await _vault.SetUpWithAsync([], flags)).ShouldBeFine().Output.ShouldBe(["nothing to change"]);
        await LogInAsync(VaultRole.Audit);
    }

    [Fact]
    public async Task Without_flags_the_way_to_Kubernetes_stays_as_it_is()
    {
        await _vault.SetUpAsync();

        (await _vault.SetUpWithAsync([], [])).ShouldBeFine().Output.ShouldBe(["nothing to change"]);
    }

    [Fact]
    public async Task A_change_that_would_lose_the_reviewer_token_is_a_mistake()
    {
        await _vault.SetUpAsync();

        (await _vault.SetUpWithAsync([], ["--kubernetes-host", "https://elsewhere.example.com"])).Errors
            .ShouldBe([$"auth/{AuthPath}/config has to change, and Vault would forget the reviewer's token: give --token-reviewer-jwt-file too."]);
    }

    [Fact]
    public async Task The_first_time_the_way_to_Kubernetes_must_be_named() =>
        (await _vault.SetUpWithAsync([], [])).Errors.ShouldHaveSingleItem().ShouldContain("give --kubernetes-host");

    [Fact]
    public async Task The_admin_role_is_made_only_when_asked_for_and_pruned_when_not()
    {
        (await _vault.SetUpAsync("--with-admin")).ShouldBeFine().Output.ShouldContain($"+ kubernetes role {_vault.Prefix}-admin");
        await LogInAsync(VaultRole.Admin);

        (await _vault.SetUpAsync()).ShouldBeFine().Output.ShouldBe(["nothing to change"]);
        (await _vault.SetUpAsync("--prune")).ShouldBeFine().Output
            .ShouldBe([$"- kubernetes role {_vault.Prefix}-admin", $"- policy {_vault.Prefix}-admin"]);
        await Should.ThrowAsync<VaultException>(() => LogInAsync(VaultRole.Admin));
    }

    [Fact]
    public async Task Pruning_leaves_alone_what_others_made()
    {
        await _vault.SetUpAsync();
        var (root, p) = (_vault.Root(), _vault.Prefix);
        var foreign = new JsonObject { ["policy"] = "path \"x\" { capabilities = [\"read\"] }" };
        string[] policies = [$"{p}-operators", $"{p}-database-shop", $"elsewhere-{p}"];
        foreach (var policy in policies)
            await root.WriteAsync($"sys/policies/acl/{policy}", foreign.DeepClone().AsObject(), Ct);
        // Another portal's, whose prefix starts with this one's.
        (await _vault.SetUpWithAsync([("Vault:Prefix", $"{p}-two")], [.. _vault.SetUpFlags])).ShouldBeFine();

        (await _vault.SetUpAsync("--prune")).ShouldBeFine().Output.ShouldBe(["nothing to change"]);
        await root.DeleteAsync($"sys/policies/acl/{policies[^1]}", Ct);
    }

    [Theory]
    [InlineData("kv", "database", "kv", "is a mount of type database, and kv v2 is needed")]
    [InlineData("kv", "kv", "kv", "is a mount of type kv v1, and kv v2 is needed")]
    [InlineData("db", "transit", "db", "is a mount of type transit, and database is needed")]
    public async Task A_mount_of_another_type_is_a_mistake_and_the_rest_is_done(string mount, string type, string name, string mistake)
    {
        await _vault.Root().WriteAsync($"sys/mounts/{_vault.Prefix}-{mount}", new JsonObject { ["type"] = type }, Ct);

        var run = await _vault.SetUpAsync();

        run.Code.ShouldBe(1);
        run.Errors.ShouldHaveSingleItem().ShouldStartWith($"{_vault.Prefix}-{name}/ {mistake}");
        run.Output.ShouldContain($"+ kubernetes role {_vault.Prefix}-audit");
    }

    [Fact]
    public async Task A_key_of_another_type_is_a_mistake()
    {
        await _vault.Root().WriteAsync($"sys/mounts/{_vault.Prefix}-transit", new JsonObject { ["type"] = "transit" }, Ct);
        await _vault.Root().WriteAsync($"{_vault.Prefix}-transit/keys/audit", new JsonObject { ["type"] = "ecdsa-p256" }, Ct);

        (await _vault.SetUpAsync()).Errors.ShouldHaveSingleItem()
            .ShouldStartWith($"{_vault.Prefix}-transit/keys/audit is a key of type ecdsa-p256, and aes256-gcm96 is needed");
    }

    [Fact]
    public async Task An_auth_method_of_another_type_is_a_mistake()
    {
        await _vault.Root().WriteAsync($"sys/auth/{_vault.Prefix}-other", new JsonObject { ["type"] = "approle" }, Ct);

        (await _vault.SetUpWithAsync([("Vault:AuthPath", $"{_vault.Prefix}-other")], _vault.SetUpFlags)).Errors.ShouldHaveSingleItem()
            .ShouldStartWith($"auth/{_vault.Prefix}-other/ is an auth method of type approle, not kubernetes");
    }

    [Fact]
    public async Task A_token_that_may_not_is_told_every_path_and_what_it_needs()
    {
        var token = await TokenAsync("path \"sys/mounts\" { capabilities = [\"read\"] }\npath \"auth/token/lookup-self\" { capabilities = [\"read\"] }");

        var errors = (await _vault.SetUpWithAsync([("VAULT_TOKEN", token)], _vault.SetUpFlags)).Errors;

        var p = _vault.Prefix;
        errors.ShouldContain($"sys/mounts/{p}-kv: Vault refuses this token here (permission denied). Its policy needs create, read, update on \"sys/mounts/{p}-kv\".");
        errors.ShouldContain(
            "sys/config/auditing/request-headers: Vault refuses this token here (permission denied). "
            + "Its policy needs create, read, update, sudo on \"sys/config/auditing/request-headers\".");
        errors.ShouldContain(error => error.StartsWith($"sys/policies/acl/{p}-health: "));
        errors.ShouldNotContain(error => error.Contains("not valid any more"));
        errors.ShouldNotContain(error => error.Contains(token));
    }

    [Fact]
    public async Task A_token_that_has_ended_is_suspected() =>
        (await _vault.SetUpWithAsync([("VAULT_TOKEN", "s.nonsense")], _vault.SetUpFlags)).Errors
            .ShouldContain(error => error.StartsWith("The token from VAULT_TOKEN is perhaps not valid any more"));

    [Fact]
    public async Task The_token_of_a_file_counts_before_the_environments()
    {
        var file = _vault.Keep(_vault.RootToken + "\n");

        (await _vault.SetUpWithAsync([("VAULT_TOKEN", "s.nonsense")], [.. _vault.SetUpFlags, "--vault-token-file", file.Path])).ShouldBeFine();
    }

    [Fact]
    public async Task A_sealed_Vault_is_named()
    {
        await _vault.Control.SealAsync(Ct);

        (await _vault.SetUpAsync()).Errors.ShouldHaveSingleItem().ShouldEndWith("is sealed: unseal it and try again.");
    }

    [Fact]
    public async Task Vault_that_goes_away_in_the_middle_is_named_and_the_next_run_goes_on()
    {
        await _vault.Control.HoldAsync("POST", $"sys/policies/acl/{_vault.Prefix}-audit", Ct);
        var run = _vault.SetUpAsync();
        await _vault.Control.WaitUntilHeldAsync(Ct);
        await _vault.Control.DropAsync(Ct);

        (await run).Errors.ShouldHaveSingleItem().ShouldContain($"Vault is unreachable (sys/policies/acl/{_vault.Prefix}-audit)");

        var next = (await _vault.SetUpAsync()).ShouldBeFine();
        next.Output[0].ShouldBe($"+ policy {_vault.Prefix}-health");
    }

    private string AuthPath => _vault.AuthPath;

    // A client of its own, whose first call logs in.
    private Task LogInAsync(VaultRole role) => _vault.Client().GetRequiredService<SystemBackend>().LookUpSelfAsync(role, Ct);

    private async Task<string> TokenAsync(string policy)
    {
        var name = $"{_vault.Prefix}-test";
        await _vault.Root().WriteAsync($"sys/policies/acl/{name}", new JsonObject { ["policy"] = policy }, Ct);
        var request = new VaultRequest(HttpMethod.Post, "auth/token/create", System.Text.Encoding.UTF8.GetBytes($$"""{"policies":["{{name}}"],"no_default_policy":true}"""));
        var answer = await _vault.Client().GetRequiredService<VaultTransport>().SendAsync(request, _vault.RootToken, Ct);
        return JsonNode.Parse(answer!)!["auth"]!["client_token"]!.GetValue<string>();
    }
}
