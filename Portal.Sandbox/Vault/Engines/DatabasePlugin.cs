namespace Portal.Sandbox.Vault.Engines;

/// <summary>What Vault asks of a database server. Failures are <see cref="DatabaseFailure"/>s.</summary>
internal interface IDatabasePlugin : IAsyncDisposable
{
    Task VerifyAsync();

    /// <returns>the name of the user that was made</returns>
    Task<string> CreateUserAsync(NewUser user);

    Task RenewUserAsync(string username, DateTimeOffset expires, IReadOnlyList<string> statements);

    Task RemoveUserAsync(string username, IReadOnlyList<string> statements);

    Task ChangePasswordAsync(string username, string password, IReadOnlyList<string> statements);
}

internal sealed record NewUser(string DisplayName, string RoleName, string Password, DateTimeOffset Expires, IReadOnlyList<string> Statements);

/// <summary>What the database server, or the way to it, said.</summary>
internal sealed class DatabaseFailure(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>How the server is reached: the connection URL with its placeholders filled in, and how many connections at once.</summary>
internal sealed record DatabaseAccess(string Url, string Username, string Password, int MaxConnections, UsernameTemplate? Template)
{
    /// <summary>Filled in as they are (<paramref name="isEscaped"/> false) or escaped for a URL.</summary>
    public string Fill(bool isEscaped)
    {
        string Written(string value) => isEscaped ? Uri.EscapeDataString(value) : value;
        return Url.Replace("{{username}}", Written(Username), StringComparison.Ordinal).Replace("{{password}}", Written(Password), StringComparison.Ordinal);
    }
}
