namespace Portal.Sandbox.Kubernetes;

/// <summary>A refusal of the API, written as a <c>Status</c> object with the API server's own reasons and words.</summary>
internal sealed class ApiException(int code, string reason, string message, object? details = null) : Exception(message)
{
    public int Code { get; } = code;

    public object ToStatus() =>
        new { kind = "Status", apiVersion = "v1", metadata = new { }, status = "Failure", message = Message, reason, details, code = Code };

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiException NoSuchPath() => new(404, "NotFound", "the server could not find the requested resource", new { });

    public static ApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", new { });

    public static ApiException NotFound(string resource, string name) =>
        new(404, "NotFound", $"{resource} \"{name}\" not found", new { name, kind = resource });

    public static ApiException AlreadyExists(string resource, string name) =>
        new(409, "AlreadyExists", $"{resource} \"{name}\" already exists", new { name, kind = resource });

    public static ApiException NotJson() => new(
        415, "UnsupportedMediaType", "the body of the request was in an unknown format - accepted media types include: application/json");

    public static ApiException Invalid(string group, string kind, string name, string field, string problem)
    {
        var qualified = group.Length == 0 ? kind : $"{kind}.{group}";
        return new ApiException(422, "Invalid", $"{qualified} \"{name}\" is invalid: {field}: {problem}",
            new { name, group = group.Length == 0 ? null : group, kind, causes = new[] { new { reason = "FieldValueInvalid", message = problem, field } } });
    }

    public static ApiException Forbidden(string user, Permission permission, string? @namespace, string? name)
    {
        var scope = @namespace is null ? "at the cluster scope" : $"in the namespace \"{@namespace}\"";
        var subject = $"{permission.QualifiedResource}{(name is null ? "" : $" \"{name}\"")}";
        var problem = $"User \"{user}\" cannot {permission.Verb} resource \"{permission.Resource}\" in API group \"{permission.Group}\" {scope}";
        return new ApiException(403, "Forbidden", $"{subject} is forbidden: {problem}", new { name, kind = permission.Resource });
    }

    public static ApiException ForbiddenPath(string user, string method, string path) => new(
        403, "Forbidden", $"forbidden: User \"{user}\" cannot {method.ToLowerInvariant()} path \"{path}\"", new { });
}
