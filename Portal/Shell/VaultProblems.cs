using Microsoft.AspNetCore.Diagnostics;
using Portal.Vault;

namespace Portal.Shell;

/// <summary>What a failure of Vault means to a person, and to a program: the one place that translates <see cref="VaultException"/>.</summary>
public sealed class VaultProblems : IExceptionHandler
{
    public static (int Status, string Slug, string Detail) Describe(VaultException exception) => exception.Failure switch
    {
        VaultFailure.Unreachable => (
            StatusCodes.Status503ServiceUnavailable, "vault-unreachable",
            "Vault does not answer. What you hold keeps working until its end; new credentials have to wait. Try again in a moment."),
        VaultFailure.Sealed => (
            StatusCodes.Status503ServiceUnavailable, "vault-sealed",
            "Vault is sealed. What you hold keeps working until its end; new credentials have to wait until an operator unseals it."),
        VaultFailure.Denied => (
            StatusCodes.Status502BadGateway, "vault-denied",
            "Vault refuses the portal this step. Nothing you can do: tell a portal admin, who finds the reason on the health page."),
        VaultFailure.Invalid => (
            StatusCodes.Status422UnprocessableEntity, "vault-invalid", $"Vault refused the request: {exception.Words}"),
        _ => (
            StatusCodes.Status502BadGateway, "vault-unexpected",
            "Vault gave an answer the portal does not understand, often because the database behind it is down. Nothing was handed out. Try again, and tell a portal admin if it stays."),
    };

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not VaultException failure)
            return false;
        var (status, slug, detail) = Describe(failure);
        httpContext.Response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status503ServiceUnavailable)
            httpContext.Response.Headers.RetryAfter = "5";
        await Problems.Of(status, slug, detail).ExecuteAsync(httpContext);
        return true;
    }
}
