using Microsoft.Extensions.Options;
using Portal.Shell;

namespace Portal.Features.Ssh;

/// <summary>What a host has to know of this portal.</summary>
/// <param name="Origin">Of the portal, without a slash at the end.</param>
/// <param name="Authority">Null until the portal has seen it.</param>
/// <param name="List">Null until the portal has made it.</param>
public sealed record HostFacts(string Origin, SshAuthority? Authority, PublishedList? List)
{
    /// <summary>The line for <c>TrustedUserCAKeys</c>; empty without an authority.</summary>
    public string AuthorityLine => Authority is null ? "" : $"{Authority.PublicKey} vault-portal";

    public string ScriptAddress => $"{Origin}{ApiRoutes.Root}/ssh/host.sh";

    public static HostFacts Of(IOptions<PortalOptions> options, SshAuthorities authorities, RevocationList list) =>
        new(options.Value.Origin, authorities.Current, list.Current);
}
