using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>A configured database server with its plugin.</summary>
internal sealed class DatabaseConnection : IAsyncDisposable
{
    private const int DefaultConnections = 4;
    private static readonly string[] s_ownFields =
        ["name", "plugin_name", "plugin_version", "allowed_roles", "verify_connection", "root_rotation_statements", "password_policy", "password", "private_key"];

    private readonly SemaphoreSlim _gate = new(1);
    private IDatabasePlugin _plugin;

    private DatabaseConnection(Fields fields, string password)
    {
        Details = fields;
        Password = password;
        AllowedRoles = fields.List("allowed_roles");
        _plugin = Open();
    }

    public IReadOnlyList<string> AllowedRoles { get; }

    private Fields Details { get; }

    private string Password { get; set; }

    private string Username => Details.Text("username");

    private string PluginName => Details.Text("plugin_name");

    /// <exception cref="VaultError">unknown plugin, template or connection that does not work</exception>
    public static async Task<DatabaseConnection> OpenAsync(JsonObject body, DatabaseConnection? before)
    {
        // What is not said again stays as it was.
        var merged = before is null ? [] : (JsonObject)before.Details.Body.DeepClone();
        foreach (var (name, value) in body)
            merged[name] = value?.DeepClone();
        var fields = new Fields(merged);
        var password = fields.Text("password", before?.Password ?? "");
        merged.Remove("password");
        var connection = new DatabaseConnection(fields, password);
        try
        {
            if (fields.Flag("verify_connection", true))
                await connection._plugin.VerifyAsync();
            return connection;
        }
        catch (DatabaseFailure e)
        {
            await connection.DisposeAsync();
            throw VaultError.Invalid($"error creating database object: error verifying connection: {e.Message}");
        }
    }

    /// <summary>Nobody but Vault knows the password any more.</summary>
    public async Task RotateAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (Username.Length == 0)
                throw new DatabaseFailure("unable to rotate root credentials: no username in configuration");
            var password = Secrets.Password();
            await _plugin.ChangePasswordAsync(Username, password, Details.Items("root_rotation_statements"));
            Password = password;
            await ReplaceAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Closes the connections; the next use opens new ones.</summary>
    public async Task ResetAsync()
    {
        await _gate.WaitAsync();
        try
        {
            await ReplaceAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task<T> UseAsync<T>(Func<IDatabasePlugin, Task<T>> use)
    {
        await _gate.WaitAsync();
        var plugin = _plugin;
        _gate.Release();
        return await use(plugin);
    }

    public Task UseAsync(Func<IDatabasePlugin, Task> use) => UseAsync(async plugin =>
    {
        await use(plugin);
        return true;
    });

    public bool Allows(string role) => AllowedRoles.Any(glob =>
        glob == "*" || glob == role || (glob.EndsWith('*') && role.StartsWith(glob[..^1], StringComparison.Ordinal)));

    public JsonObject Describe()
    {
        // All that was ever said and is not Vault's own, what the plugin does not know included.
        var details = (JsonObject)Details.Body.DeepClone();
        foreach (var name in s_ownFields)
            details.Remove(name);

        return new JsonObject
        {
            ["allowed_roles"] = Json.Strings(AllowedRoles),
            ["connection_details"] = details,
            ["password_policy"] = Details.Text("password_policy"),
            ["plugin_name"] = PluginName,
            ["root_credentials_rotate_statements"] = Json.Strings(Details.Items("root_rotation_statements")),
        };
    }

    public ValueTask DisposeAsync() => _plugin.DisposeAsync();

    private async Task ReplaceAsync()
    {
        var before = _plugin;
        _plugin = Open();
        await before.DisposeAsync();
    }

    private IDatabasePlugin Open()
    {
        try
        {
            var template = Details.Text("username_template") is { Length: > 0 } text ? UsernameTemplate.Parse(text) : null;
            var connections = Details.Number("max_open_connections");
            var access = new DatabaseAccess(Details.Text("connection_url"), Username, Password, connections > 0 ? connections : DefaultConnections, template);
            return PluginName switch
            {
                "postgresql-database-plugin" => new PostgresPlugin(access, isEscaped: !Details.Flag("disable_escaping")),
                "mysql-database-plugin" or "mysql-aurora-database-plugin" or "mysql-rds-database-plugin" => new MySqlPlugin(access),
                _ => throw Unknown(PluginName),
            };
        }
        catch (FormatException e)
        {
            throw VaultError.Invalid($"error creating database object: {e.Message}");
        }
    }

    /// <summary>Vault looks for two kinds of plugins of that name, and finds neither.</summary>
    private static VaultError Unknown(string plugin)
    {
        var missing = $"\t* plugin not found in the catalog: {plugin}\n";
        return VaultError.Invalid($"error creating database object: invalid database version: 2 errors occurred:\n{missing}{missing}\n");
    }
}
