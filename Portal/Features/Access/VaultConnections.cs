using System.Text.Json.Nodes;
using Portal.Vault;

namespace Portal.Features.Access;

/// <summary>
/// Connections of Vault's database engine. Vault keeps keys it does not know beside the connection's own: two of them remember there
/// which password was given and whether Vault replaced it, in the same write as the connection itself.
/// </summary>
public sealed class VaultConnections(VaultAdmin vault, VaultNames names)
{
    /// <summary>A <see cref="PasswordCheck"/>; only connections that an access file made have it.</summary>
    public const string CheckKey = "portal_password_check";

    /// <summary><c>no</c>; <c>due</c> while it happens; <c>yes</c>.</summary>
    private const string RotatedKey = "portal_rotated";

    /// <param name="roles">The roles it allows.</param>
    /// <returns>Null when Vault has it as the file says.</returns>
    public async Task<VaultDifference?> CompareAsync(ConnectionEntry entry, IEnumerable<string> roles, CancellationToken cancellationToken)
    {
        var wanted = Wanted(entry, roles);
        var found = await vault.ReadAsync(Path(entry.Name), cancellationToken);
        var kept = found?["connection_details"] as JsonObject;
        var current = Current(found, kept);
        var details = found is null ? [AccessChange.MadeAgain] : Differences(wanted, current).ToList();

        var isSameTarget = found is not null && VaultJsonValues.AreSame(wanted["connection_url"], current["connection_url"]);
        var isSameUser = found is not null && VaultJsonValues.AreSame(wanted["username"], current["username"]);
        var isSamePassword = PasswordCheck.Matches(Text(kept, CheckKey), entry.Password.Value);
        var rotated = Text(kept, RotatedKey);
        if (found is not null && !isSamePassword)
            details.Add("password");

        // Without rotation the file's password is the truth, so it is sent whenever Vault may hold another.
        var sends = !isSameUser || !isSamePassword || (!entry.Rotate && (!isSameTarget || rotated != "no"));
        var rotates = entry.Rotate && (sends || rotated != "yes");
        if (rotates)
            details.Add("password replaced by Vault");
        else if (found is not null && isSamePassword && rotated is "yes" or "due" && !entry.Rotate)
            details.Add("password of the file again");
        return details.Count == 0
            ? null
            : new VaultDifference(
                new AccessChange(ChangeKind.Changed, AccessChange.Connection(entry.Name), details),
                ct => WriteAsync(entry, wanted, sends, rotates, ct));
    }

    private async Task WriteAsync(ConnectionEntry entry, JsonObject wanted, bool sends, bool rotates, CancellationToken cancellationToken)
    {
        try
        {
            await ConfigureAsync(entry, wanted, sends, rotates, cancellationToken);
        }
        catch (VaultException exception) when (!sends && exception.Failure is VaultFailure.Invalid or VaultFailure.Unexpected)
        {
            // It moved to a server that does not know the password Vault made for the old one.
            await ConfigureAsync(entry, wanted, sends: true, entry.Rotate, cancellationToken);
        }
    }

    // Rotating again after a crash does no harm: "due" stays until the new password is known to be in place.
    private async Task ConfigureAsync(ConnectionEntry entry, JsonObject wanted, bool sends, bool rotates, CancellationToken cancellationToken)
    {
        var body = (JsonObject)wanted.DeepClone();
        body[RotatedKey] = !entry.Rotate ? "no" : rotates ? "due" : "yes";
        if (sends)
        {
            body["password"] = entry.Password.Value;
            body[CheckKey] = PasswordCheck.Of(entry.Password.Value);
        }

        await vault.WriteAsync(Path(entry.Name), body, cancellationToken);
        if (!rotates)
            return;
        await vault.WriteAsync($"{names.Database}/rotate-root/{entry.Name}", [], cancellationToken);
        var done = (JsonObject)wanted.DeepClone();
        done[RotatedKey] = "yes";
        await vault.WriteAsync(Path(entry.Name), done, cancellationToken);
    }

    private string Path(string name) => $"{names.Database}/config/{name}";

    private static JsonObject Wanted(ConnectionEntry entry, IEnumerable<string> roles)
    {
        var engine = ManagedEngine.Of(entry.Engine);
        return new()
        {
            ["plugin_name"] = engine.Plugin,
            ["connection_url"] = engine.ConnectionUrl(entry),
            ["username"] = entry.Username,
            ["username_template"] = engine.UsernameTemplate,
            ["allowed_roles"] = VaultJsonValues.List(roles.Order(StringComparer.Ordinal)),
        };
    }

    // Vault answers what the plugin knows in a part of its own.
    private static JsonObject Current(JsonObject? found, JsonObject? kept)
    {
        var current = kept is null ? [] : (JsonObject)kept.DeepClone();
        foreach (var key in (string[])["plugin_name", "allowed_roles"])
            current[key] = found?[key]?.DeepClone();
        return current;
    }

    private static IEnumerable<string> Differences(JsonObject wanted, JsonObject current) =>
        VaultJsonValues.Differing(wanted, current).Select(key => key switch
        {
            "connection_url" => "address in Vault",
            "username" => "user in Vault",
            "username_template" => "form of user names",
            "allowed_roles" => "allowed roles",
            _ => "plugin",
        });

    private static string? Text(JsonObject? from, string key) => from?[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
