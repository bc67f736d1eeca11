using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Vault;

namespace Portal.Tests.Vault;

/// <summary>Each role can do its own work, and is refused all others'.</summary>
public sealed class LeastPrivilegeTests(ShopVault shop) : IClassFixture<ShopVault>
{
    private const string UserPath = "users/0193a1b2-0000-7000-8000-000000000001/github";
    private const string CloudPath = "teams/1/clouds/aws";
    private static readonly Dictionary<string, string> s_data = new() { ["access_token"] = "x" };
    private static readonly OnBehalfOf s_alice = new("alice");

    /// <summary>Every kind of call that the portal makes, and who makes it.</summary>
    private static readonly Dictionary<string, (VaultRole[] Owners, Func<ShopVault, VaultRole, Task> Call)> s_work = new()
    {
        ["keep a GitHub token"] = ([VaultRole.SignIn], (s, role) => s.Get<KeyValueEngine>().ReplaceAsync(role, UserPath, s_data, s_alice, Ct)),
        ["read a GitHub token"] = ([VaultRole.SignIn], (s, role) => s.Get<KeyValueEngine>().ReadAsync(role, UserPath, Ct)),
        ["delete a GitHub token"] = ([VaultRole.SignIn], (s, role) => s.Get<KeyValueEngine>().DeleteAsync(role, UserPath, s_alice, Ct)),
        ["read another secret"] = ([], (s, role) => s.Get<KeyValueEngine>().ReadAsync(role, "teams/1/others/aws", Ct)),
        ["keep a cloud credential"] = ([VaultRole.CloudCredentials], (s, role) => KeepAsync(s, role)),
        ["read a cloud credential"] = ([VaultRole.CloudCredentials], (s, role) => s.Get<KeyValueDocuments>().ReadAsync(role, CloudPath, null, s_alice, Ct)),
        ["list a team's cloud credentials"] = ([VaultRole.CloudCredentials], (s, role) => s.Get<KeyValueDocuments>().ListAsync(role, "teams/1/clouds", Ct)),
        ["list teams with cloud credentials"] = ([VaultRole.CloudCredentials], (s, role) => s.Get<KeyValueDocuments>().ListAsync(role, "teams", Ct)),
        ["list versions of a cloud credential"] = ([VaultRole.CloudCredentials], (s, role) => s.Get<KeyValueDocuments>().ListVersionsAsync(role, CloudPath, Ct)),
        ["destroy a version of a cloud credential"] = ([VaultRole.CloudCredentials], (s, role) => s.Get<KeyValueDocuments>().DestroyVersionAsync(role, CloudPath, 1, s_alice, Ct)),
        ["delete a cloud credential"] = ([VaultRole.CloudCredentials], (s, role) => s.Get<KeyValueDocuments>().DeleteAsync(role, CloudPath, s_alice, Ct)),
        ["wrap a session key"] = ([VaultRole.SignIn], (s, role) => RoundTripAsync(s, role, VaultNames.DataProtectionKey)),
        ["wrap the audit key"] = ([VaultRole.Audit], (s, role) => RoundTripAsync(s, role, VaultNames.AuditKey)),
        ["make a credential's token"] = ([VaultRole.Databases], (s, role) => SendAsync(s, role, $"auth/token/create/{s.Names.Prefix}-database-shop-readonly", """{"ttl":"1m"}""")),
        ["make any token"] = ([], (s, role) => SendAsync(s, role, "auth/token/create", """{"ttl":"1m"}""")),
        ["read database credentials"] = ([], (s, role) => SendAsync(s, role, $"{s.Names.Prefix}-db/creds/shop-readonly", null)),
        ["look a lease up"] = ([VaultRole.Databases], (s, role) => SendAsync(s, role, "sys/leases/lookup", """{"lease_id":"none"}""")),
        ["revoke a lease"] = ([VaultRole.Databases], (s, role) => SendAsync(s, role, "sys/leases/revoke", """{"lease_id":"none"}""")),
        ["revoke a token"] = ([VaultRole.Databases], (s, role) => SendAsync(s, role, "auth/token/revoke-accessor", """{"accessor":"none"}""")),
        ["revoke by prefix"] = ([], (s, role) => SendAsync(s, role, $"sys/leases/revoke-prefix/{s.Names.Prefix}-db", "{}")),
        ["see irrevocable leases"] = ([VaultRole.Health], (s, role) => s.Get<SystemBackend>().IrrevocableLeasesAsync(role, Ct)),
        ["see its own capabilities"] = ([VaultRole.Health], (s, role) => s.Get<SystemBackend>().CapabilitiesAsync(role, ["sys/leases"], Ct)),
        ["read a policy of the portal"] = ([VaultRole.Health], (s, role) => s.Get<SystemBackend>().PolicyAsync(role, $"{s.Names.Prefix}-databases", Ct)),
        ["read another policy"] = ([], (s, role) => s.Get<SystemBackend>().PolicyAsync(role, "default", Ct)),
        ["look at a transit key"] = ([VaultRole.Health], (s, role) => s.Get<SystemBackend>().LookAsync(role, $"{s.Names.Prefix}-transit/keys/audit", Ct)),
        ["list database roles"] = ([VaultRole.Health, VaultRole.Admin], (s, role) => s.Get<SystemBackend>().LookForListAsync(role, $"{s.Names.Prefix}-db/roles", Ct)),
        ["sign an SSH key"] = ([VaultRole.Ssh], (s, role) => SendAsync(s, role, $"{s.Names.Ssh}/sign/oncall", "{}")),
        ["read the SSH authority"] = ([VaultRole.Ssh, VaultRole.Health, VaultRole.Admin], (s, role) => SendAsync(s, role, $"{s.Names.Ssh}/config/ca", null)),
        ["replace the SSH authority"] = ([], (s, role) => SendAsync(s, role, $"{s.Names.Ssh}/config/ca", "{}")),
        ["list SSH roles"] = ([VaultRole.Admin], (s, role) => s.Get<SystemBackend>().LookForListAsync(role, $"{s.Names.Ssh}/roles", Ct)),
        ["write an SSH role"] = ([VaultRole.Admin], (s, role) => SendAsync(s, role, $"{s.Names.Ssh}/roles/x", """{"key_type":"ca","allow_user_certificates":true}""")),
        ["read a connection"] = ([VaultRole.Admin], (s, role) => SendAsync(s, role, $"{s.Names.Prefix}-db/config/shop", null)),
        ["write a database role's policy"] = ([VaultRole.Admin], (s, role) => SendAsync(s, role, $"sys/policies/acl/{s.Names.Prefix}-database-x", """{"policy":"path \"x\" { capabilities = [\"read\"] }"}""")),
        ["write the portal's own policy"] = ([], (s, role) => SendAsync(s, role, $"sys/policies/acl/{s.Names.Prefix}-databases", """{"policy":"path \"*\" { capabilities = [\"read\"] }"}""")),
        ["write a token role"] = ([VaultRole.Admin], (s, role) => SendAsync(s, role, $"auth/token/roles/{s.Names.Prefix}-database-x", $$"""{"orphan":true,"allowed_policies":"{{s.Names.Prefix}}-database-x"}""")),
        ["write a Kubernetes role"] = ([], (s, role) => SendAsync(s, role, $"auth/{s.Names.AuthPath}/role/{s.Names.Prefix}-x", """{"bound_service_account_names":"portal","bound_service_account_namespaces":"portal"}""")),
        ["list mounts"] = ([], (s, role) => SendAsync(s, role, "sys/mounts", null)),
        ["export a transit key"] = ([], (s, role) => SendAsync(s, role, $"{s.Names.Prefix}-transit/export/encryption-key/audit", null)),
    };

    public static TheoryData<string, VaultRole> Matrix
    {
        get
        {
            var matrix = new TheoryData<string, VaultRole>();
            foreach (var work in s_work.Keys)
                foreach (var role in Enum.GetValues<VaultRole>())
                    matrix.Add(work, role);
            return matrix;
        }
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task A_role_does_its_own_work_alone(string work, VaultRole role)
    {
        var (owners, call) = s_work[work];
        if (owners.Contains(role))
            await call(shop, role);
        else
            (await Should.ThrowAsync<VaultException>(() => call(shop, role))).Failure.ShouldBe(VaultFailure.Denied);
    }

    [Theory]
    [InlineData(VaultRole.SignIn)]
    [InlineData(VaultRole.Databases)]
    [InlineData(VaultRole.Ssh)]
    [InlineData(VaultRole.AccessTokens)]
    [InlineData(VaultRole.CloudCredentials)]
    [InlineData(VaultRole.Audit)]
    [InlineData(VaultRole.Health)]
    [InlineData(VaultRole.Admin)]
    public async Task A_login_goes_without_the_default_policy_and_may_look_itself_up_and_renew_itself(VaultRole role)
    {
        var path = "auth/token/lookup-self";
        var answer = await shop.Get<VaultClient>().SendAsync(role, new VaultRequest(HttpMethod.Get, path), Ct);
        var data = JsonNode.Parse(answer!)!["data"]!;

        data["policies"]!.AsArray().Select(policy => policy!.GetValue<string>()).ShouldBe([shop.Names.Role(role)]);
        data["orphan"]!.GetValue<bool>().ShouldBeTrue();
        data["creation_ttl"]!.GetValue<int>().ShouldBe(1200);
        await SendAsync(shop, role, "auth/token/renew-self", "{}");
    }

    private static async Task KeepAsync(ShopVault shop, VaultRole role)
    {
        await shop.Get<KeyValueDocuments>().KeepVersionsAsync(role, CloudPath, 100, s_alice, Ct);
        await shop.Get<KeyValueDocuments>().WriteAsync(role, CloudPath, JsonSerializer.SerializeToElement(new { a = 1 }), 0, s_alice, Ct);
    }

    private static async Task RoundTripAsync(ShopVault shop, VaultRole role, string key)
    {
        var transit = shop.Get<TransitEngine>();
        byte[] plaintext = [1, 2, 3];
        (await transit.DecryptAsync(role, key, await transit.EncryptAsync(role, key, plaintext, Ct), Ct)).ShouldBe(plaintext);
    }

    // What Vault objects to was let through.
    private static async Task SendAsync(ShopVault shop, VaultRole role, string path, string? body)
    {
        var request = new VaultRequest(body is null ? HttpMethod.Get : HttpMethod.Post, path, body is null ? null : Encoding.UTF8.GetBytes(body));
        try
        {
            await shop.Get<VaultClient>().SendAsync(role, request, Ct);
        }
        catch (VaultException failure) when (failure.Failure is VaultFailure.Invalid)
        {
        }
    }
}
