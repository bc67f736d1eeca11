namespace Portal.Tests.Support;

/// <summary>Tests of what a Vault has once for all its users, such as audited headers: no others run meanwhile, as they may share the Vault.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class VaultGlobals
{
    public const string Name = "what a Vault has once";
}
