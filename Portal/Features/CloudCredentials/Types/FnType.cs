namespace Portal.Features.CloudCredentials.Types;

public sealed class FnType : CloudType
{
    public override string Name => "fn";

    public override string Title => "Fn";

    public override string Help => "Take the master token that the Fn server was installed with; it may do everything on that server.";

    public override string AfterRevoke => "The token still works at the Fn server: install the server again with another master token, as it has no command to revoke one.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new("master_token", "Master token", "It stands in the settings that the Fn server was installed with.")
        {
            IsRequired = true, IsSensitive = true, Check = Rules.Token("The master token"),
        },
    ];
}
