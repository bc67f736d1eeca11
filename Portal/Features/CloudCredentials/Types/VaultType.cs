namespace Portal.Features.CloudCredentials.Types;

public sealed class VaultType : CloudType
{
    public override string Name => "vault";

    public override string Title => "HashiCorp Vault";

    public override string Help =>
        "Create a token by vault token create -policy=POLICY -period=24h with the policies that the program needs, never a root token; where the program can log in by itself, "
        + "such as by Kubernetes or AppRole, that is better, as there is no lasting token then.";

    public override string AfterRevoke => "The token still works at its Vault: run vault token revoke TOKEN there, or vault token revoke -accessor ACCESSOR.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        // Operators may choose a token's text, so that it has no certain form.
        new("token", "Token", "What vault token create printed as token, mostly beginning with hvs.")
        {
            IsRequired = true, IsSensitive = true, Check = Rules.Token("The token"),
        },
    ];
}
