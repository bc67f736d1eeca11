namespace Portal.Sandbox.Kubernetes;

/// <summary>What an endpoint asks of its caller.</summary>
internal sealed record Permission(string Verb, string Resource, string Group = "")
{
    /// <summary>Without the subresource, with the group.</summary>
    public string QualifiedResource => Resource.Split('/')[0] + (Group.Length == 0 ? "" : $".{Group}");
}

/// <summary>Endpoints that anyone may call, as <c>system:public-info-viewer</c> allows.</summary>
internal sealed record OpenToAll;

internal sealed class Authorization(RequestDelegate next, Cluster cluster, Authentication authentication)
{
    public Task InvokeAsync(HttpContext context)
    {
        var caller = authentication.Authenticate(context.Request);
        var metadata = context.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<OpenToAll>() is not null)
            return next(context);
        if (metadata?.GetMetadata<Permission>() is not { } permission)
            return caller.IsAnonymous
                ? throw ApiException.ForbiddenPath(caller.Name, context.Request.Method, context.Request.Path)
                : next(context);
        if (!MayDo(caller, permission))
        {
            var name = context.GetRouteValue("name")?.ToString();
            var inNamespace = context.GetRouteValue("ns")?.ToString() ?? (permission.Resource == "namespaces" ? name : null);
            throw ApiException.Forbidden(caller.Name, permission, inNamespace, name);
        }
        return next(context);
    }

    private bool MayDo(Caller caller, Permission permission) =>
        caller.Groups.Contains(Caller.Masters)
        || (caller.Account is var (inNamespace, name)
            && (cluster.IsBound(inNamespace, name, ClusterRole.ClusterAdmin)
                || (permission.Resource == "tokenreviews" && cluster.IsBound(inNamespace, name, ClusterRole.AuthDelegator))
                || (permission.Verb is "get" or "list" && cluster.IsBound(inNamespace, name, ClusterRole.View))));
}
