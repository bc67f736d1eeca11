namespace Portal.Sandbox.GitHub;

internal static class WebPage
{
    /// <param name="response">Of a page with a form and without scripts.</param>
    /// <param name="formAction">Where the form's answer may redirect to, besides this host: browsers check it.</param>
    public static void Guard(HttpResponse response, Uri? formAction = null)
    {
        var target = formAction?.GetLeftPart(UriPartial.Authority);
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {target}; frame-ancestors 'none'; base-uri 'none'";
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
    }
}
