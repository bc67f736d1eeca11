using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary>What goes over the wire: JSON, plain text or nothing.</summary>
internal sealed record WireAnswer(int Status, JsonObject? Body, string? Plain = null)
{
    /// <summary>As Vault says no.</summary>
    public static WireAnswer Errors(int status, string? message) =>
        new(status, new JsonObject { ["errors"] = message is null ? new JsonArray() : new JsonArray(message) });

    public async Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        context.Response.Headers.CacheControl = "no-store";
        if (Plain is null && Body is null)
            return;
        context.Response.ContentType = Plain is null ? "application/json" : "text/plain";
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.WriteAsync(Plain ?? Body!.ToJsonString() + "\n");
    }
}
