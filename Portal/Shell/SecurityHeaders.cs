using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Portal.Shell;

public sealed class SecurityHeadersOptions
{
    /// <summary>Origins that a form may end at beside the portal's own: a POST that redirects to a sign-in provider is blocked otherwise.</summary>
    public ICollection<string> FormActions { get; } = [];
}

/// <summary>What the browser is allowed to do with the portal's pages: run scripts that bear this request's nonce, and nothing from elsewhere.</summary>
public sealed class SecurityHeaders(RequestDelegate next, IOptions<SecurityHeadersOptions> options)
{
    private static readonly object s_nonce = new();

    private readonly string _formActions = string.Join(' ', ["'self'", .. options.Value.FormActions]);

    /// <summary>The nonce of this request, for its script tags; null where no policy asks for one.</summary>
    public static string? Nonce(HttpContext context) => context.Items[s_nonce] as string;

    public Task InvokeAsync(HttpContext context)
    {
        context.Items[s_nonce] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        // At the last moment: the exception handler clears what was set before it.
        context.Response.OnStarting(() =>
        {
            Write(context.Response.Headers, Nonce(context));
            return Task.CompletedTask;
        });
        return next(context);
    }

    private void Write(IHeaderDictionary headers, string? nonce)
    {
        // MudBlazor writes its theme into a style element, hence 'unsafe-inline' for styles.
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; " +
            $"font-src 'self' data:; manifest-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action {_formActions}";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        // Not "no-referrer": browsers would then send "Origin: null" with the portal's own forms.
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-read=(), clipboard-write=(self)";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }
}
