using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

public sealed partial class VsphereType : CloudType
{
    private const int LongestName = 400;

    public override string Name => "vsphere";

    public override string Title => "VMware vSphere";

    public override string Help =>
        "Create a user of its own in the vSphere Client under Administration › Single Sign On › Users and Groups, with a role on the named datacenter, datastore, resource pool and folder alone.";

    public override string AfterRevoke =>
        "The user still works at vCenter: in the vSphere Client under Administration › Single Sign On › Users and Groups, reset the user's password, or disable the user.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new("url", "vCenter address", "Where the vSphere Client is opened, without a path behind the host.")
        {
            IsRequired = true, Longest = Rules.LongestUrl, Example = "https://vcenter.example.org", Check = Rules.HttpsUrl("The vCenter address", "https://vcenter.example.org"),
        },
        Named("user", "User", "The user's name with its domain, as under Administration › Single Sign On › Users and Groups.", "program@vsphere.local"),
        new("password", "Password", "The password of that user.") { IsRequired = true, IsSensitive = true, Longest = LongestName, Check = Rules.OneLine("The password") },
        new("fingerprint", "Fingerprint", "That of vCenter's certificate, which the browser shows, or openssl s_client -connect HOST:443 | openssl x509 -noout -fingerprint -sha1.")
        {
            IsRequired = true, Longest = 128, Example = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33",
            Check = Rules.Form(Thumbprint(), "The fingerprint has 20 pairs (SHA-1) or 32 pairs (SHA-256) of digits and letters from A to F, with colons in between."),
        },
        Named("datacenter", "Datacenter", "Its name in the vSphere Client's inventory.", "Datacenter"),
        Named("datastore", "Datastore", "Its name in the vSphere Client under Storage.", "datastore1"),
        Named("resourcePool", "Resource pool", "Its name or path in the vSphere Client under Hosts and Clusters.", "Cluster/Resources"),
        Named("folder", "Folder", "Its name or path in the vSphere Client under VMs and Templates.", "Programs"),
        Named("defaultNodeTemplate", "Node template", "The name of the template that new machines are made of, under VMs and Templates.", "node-template"),
    ];

    private static CloudField Named(string name, string title, string description, string example) =>
        new(name, title, description) { IsRequired = true, Longest = LongestName, Example = example, Check = Rules.OneLine(title) };

    [GeneratedRegex(@"^(([0-9A-Fa-f]{2}:){19}|([0-9A-Fa-f]{2}:){31})[0-9A-Fa-f]{2}\z")]
    private static partial Regex Thumbprint();
}
