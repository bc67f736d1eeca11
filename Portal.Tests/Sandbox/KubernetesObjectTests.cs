using System.Net;
using System.Text;
using k8s;
using k8s.Models;
using Portal.Sandbox.Kubernetes;

namespace Portal.Tests.Sandbox;

public sealed class KubernetesObjectTests : KubernetesTests
{
    [Fact]
    public async Task The_seed_is_there()
    {
        var namespaces = await Admin.ListNamespaceAsync(cancellationToken: Cancelled);
        var accounts = await Admin.ListNamespacedServiceAccountAsync("portal", cancellationToken: Cancelled);

        namespaces.Items.Select(n => n.Name()).ShouldContain("portal");
        accounts.Items.Select(a => a.Name()).ShouldBe(["default", "other", "portal", "vault"]);
        accounts.Items.ShouldAllBe(a => a.Namespace() == "portal" && a.CreationTimestamp() == Clock.GetUtcNow().UtcDateTime);
    }

    [Fact]
    public async Task Namespaces_and_accounts_come_and_go()
    {
        var shop = await Admin.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = "shop" } }, cancellationToken: Cancelled);
        (await Admin.ReadNamespaceAsync("shop", cancellationToken: Cancelled)).ShouldSatisfyAllConditions(
            found => found.Uid().ShouldBe(shop.Uid()), found => found.Status.Phase.ShouldBe("Active"));
        var metadata = new V1ObjectMeta { Name = "orders", Labels = new Dictionary<string, string> { ["app"] = "orders" } };
        var made = await Admin.CreateNamespacedServiceAccountAsync(new V1ServiceAccount { Metadata = metadata }, "shop", cancellationToken: Cancelled);

        var read = await Admin.ReadNamespacedServiceAccountAsync("orders", "shop", cancellationToken: Cancelled);
        read.Uid().ShouldBe(made.Uid());
        read.Labels()["app"].ShouldBe("orders");
        (await Admin.ListServiceAccountForAllNamespacesAsync(labelSelector: "app=orders", cancellationToken: Cancelled)).Items.Count.ShouldBe(1);
        (await Admin.ListServiceAccountForAllNamespacesAsync(labelSelector: "app=x", cancellationToken: Cancelled)).Items.ShouldBeEmpty();
        (await Admin.ListServiceAccountForAllNamespacesAsync(fieldSelector: "metadata.name=orders", cancellationToken: Cancelled)).Items.Count.ShouldBe(1);

        await Admin.DeleteNamespacedServiceAccountAsync("orders", "shop", cancellationToken: Cancelled);
        (await RefusalAsync(() => Admin.ReadNamespacedServiceAccountAsync("orders", "shop", cancellationToken: Cancelled))).Status.Reason.ShouldBe("NotFound");
        await Admin.DeleteNamespaceAsync("shop", cancellationToken: Cancelled);
        (await RefusalAsync(() => Admin.ReadNamespaceAsync("shop", cancellationToken: Cancelled))).Code.ShouldBe(HttpStatusCode.NotFound);
        (await Admin.ListNamespacedServiceAccountAsync("shop", cancellationToken: Cancelled)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Long_lists_come_in_pages()
    {
        for (var number = 0; number < 25; number++)
            Server.Cluster.CreateServiceAccount("portal", $"worker-{number:00}");

        var names = new List<string>();
        var pages = 0;
        string? next = null;
        do
        {
            var page = await Admin.ListNamespacedServiceAccountAsync("portal", limit: 10, continueParameter: next, cancellationToken: Cancelled);
            names.AddRange(page.Items.Select(a => a.Name()));
            next = page.Continue();
            pages++;
        }
        while (next is not null);

        pages.ShouldBe(3);
        names.ShouldBe(Server.Cluster.List(ClusterKind.ServiceAccount, "portal").Select(a => a.Name));
        names.Count.ShouldBe(29);
    }

    [Theory]
    [InlineData("portal", HttpStatusCode.Conflict, "AlreadyExists")]
    [InlineData("Upper", HttpStatusCode.UnprocessableEntity, "Invalid")]
    [InlineData("line\nbreak", HttpStatusCode.UnprocessableEntity, "Invalid")]
    [InlineData("../x", HttpStatusCode.UnprocessableEntity, "Invalid")]
    [InlineData("", HttpStatusCode.UnprocessableEntity, "Invalid")]
    public async Task Names_that_are_taken_or_none_are_refused(string name, HttpStatusCode code, string reason)
    {
        var account = new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = name } };

        var refusal = await RefusalAsync(() => Admin.CreateNamespacedServiceAccountAsync(account, "portal", cancellationToken: Cancelled));

        refusal.Code.ShouldBe(code);
        refusal.Status.Reason.ShouldBe(reason);
        refusal.Status.Code.ShouldBe((int)code);
        refusal.Status.Status.ShouldBe("Failure");
    }

    [Fact]
    public async Task Accounts_of_a_namespace_that_is_not_there_are_refused()
    {
        var account = new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "x" } };

        var refusal = await RefusalAsync(() => Admin.CreateNamespacedServiceAccountAsync(account, "nowhere", cancellationToken: Cancelled));

        refusal.Status.Message.ShouldBe("namespaces \"nowhere\" not found");
    }

    [Fact]
    public async Task Callers_are_known_by_their_token_alone()
    {
        using var nobody = Client(null);
        using var stranger = Client("nonsense");
        using var portal = Client(Server.CreateToken("portal", "portal", null, TimeSpan.FromMinutes(10)));
        using var expired = Client(Server.CreateToken("portal", "portal", null, TimeSpan.FromMinutes(-10)));
        using var elsewhere = Client(Server.CreateToken("portal", "portal", "vault", TimeSpan.FromMinutes(10)));

        (await RefusalAsync(() => nobody.ListNamespaceAsync(cancellationToken: Cancelled))).Code.ShouldBe(HttpStatusCode.Forbidden);
        foreach (var client in new[] { stranger, expired, elsewhere })
            (await RefusalAsync(() => client.ListNamespaceAsync(cancellationToken: Cancelled))).Code.ShouldBe(HttpStatusCode.Unauthorized);
        (await RefusalAsync(() => portal.ListNamespaceAsync(cancellationToken: Cancelled))).Status.Message.ShouldBe(
            "namespaces is forbidden: User \"system:serviceaccount:portal:portal\" cannot list resource \"namespaces\" in API group \"\" at the cluster scope");
        (await nobody.Version.GetCodeAsync(cancellationToken: Cancelled)).Major.ShouldBe("1");
    }

    [Fact]
    public async Task What_an_account_may_do_follows_its_bindings()
    {
        using var portal = Client(Server.CreateToken("portal", "portal", null, TimeSpan.FromMinutes(10)));
        Server.Cluster.Bind("portal", "portal", ClusterRole.View);

        (await portal.ListNamespaceAsync(cancellationToken: Cancelled)).Items.ShouldNotBeEmpty();
        (await RefusalAsync(() => portal.DeleteNamespaceAsync("portal", cancellationToken: Cancelled))).Code.ShouldBe(HttpStatusCode.Forbidden);
        Server.Cluster.Bind("portal", "portal", ClusterRole.ClusterAdmin);
        await portal.DeleteNamespaceAsync("kube-public", cancellationToken: Cancelled);
        Server.Cluster.Unbind("portal", "portal", ClusterRole.ClusterAdmin);
        (await RefusalAsync(() => portal.DeleteNamespaceAsync("portal", cancellationToken: Cancelled))).Code.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("{", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("[]", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"metadata":"x"}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"metadata":{"name":7}}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"metadata":{"name":"a","name":"b"}}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"kind":"Secret","metadata":{"name":"a"}}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("metadata: {}", "application/yaml", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("k8s", "application/vnd.kubernetes.protobuf", HttpStatusCode.BadRequest)]
    [InlineData("k8s\0\u0012\u007f", "application/vnd.kubernetes.protobuf", HttpStatusCode.BadRequest)]
    public async Task Bodies_that_make_no_sense_are_refused(string body, string type, HttpStatusCode expected)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new(type);

        var (code, status) = await SendAsync(HttpMethod.Post, "/api/v1/namespaces", Server.AdminToken, content);

        code.ShouldBe(expected);
        status["kind"]!.ToString().ShouldBe("Status");
    }

    [Theory]
    [InlineData("GET", "/api/v1/pods", HttpStatusCode.NotFound)]
    [InlineData("PUT", "/api/v1/namespaces", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/api/v1/namespaces?limit=x", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/v1/namespaces?continue=!", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/v1/namespaces?fieldSelector=spec.x=1", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/v1/namespaces?watch=true", HttpStatusCode.BadRequest)]
    public async Task What_the_sandbox_has_not_is_refused_as_a_status(string method, string path, HttpStatusCode expected)
    {
        var (code, status) = await SendAsync(new HttpMethod(method), path, Server.AdminToken);

        code.ShouldBe(expected);
        status["code"]!.GetValue<int>().ShouldBe((int)expected);
    }
}
