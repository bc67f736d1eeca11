using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace Portal.Sandbox.GitHub;

/// <summary>Lists in pages: <c>per_page</c> (30, at most 100), <c>page</c>, and the <c>Link</c> header.</summary>
internal static class PagedList
{
    public static IResult Answer<T>(HttpContext context, IReadOnlyList<T> all)
    {
        var size = Math.Min(Number(context, "per_page", 30), 100);
        var last = Math.Max(1, (all.Count + size - 1) / size);
        var page = Number(context, "page", 1);
        var links = new List<string>();
        if (page > 1)
            links.AddRange([Link(context, Math.Min(page - 1, last), "prev"), Link(context, 1, "first")]);
        if (page < last)
            links.AddRange([Link(context, page + 1, "next"), Link(context, last, "last")]);
        if (links.Count > 0)
            context.Response.Headers.Link = string.Join(", ", links);
        return Results.Json(page > last ? [] : all.Skip((page - 1) * size).Take(size));
    }

    private static int Number(HttpContext context, string name, int otherwise) =>
        int.TryParse(context.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : otherwise;

    private static string Link(HttpContext context, int page, string relation)
    {
        var query = context.Request.Query.ToDictionary(p => p.Key, string? (p) => p.Value.ToString());
        query["page"] = page.ToString(CultureInfo.InvariantCulture);
        var address = $"{context.Request.Scheme}://{context.Request.Host}{context.Request.Path}";
        return $"<{QueryHelpers.AddQueryString(address, query)}>; rel=\"{relation}\"";
    }
}
