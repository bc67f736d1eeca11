using System.Net;
using System.Text.Json;

namespace Portal.Vault;

/// <summary>Tells what kind of failure an answer is.</summary>
internal static class VaultErrors
{
    private const int LongestWord = 1000;
    private static readonly char[] s_ends = ['\n', '\r', '\t', ' ', '*'];

    public static VaultException From(string path, HttpResponseMessage response, byte[] body)
    {
        var errors = Read(body);
        if (errors.Count == 0 && (int)response.StatusCode is >= 300 and < 400)
            errors = [$"redirected to {response.Headers.Location?.GetLeftPart(UriPartial.Authority)}; redirects are not followed"];
        return new VaultException(Kind(response.StatusCode, errors), path, (int)response.StatusCode, errors);
    }

    public static VaultException NotUnderstood(string path) =>
        new(VaultFailure.Unexpected, path, (int)HttpStatusCode.OK, ["the answer is not what Vault's API says"]);

    private static VaultFailure Kind(HttpStatusCode status, IReadOnlyList<string> errors) => status switch
    {
        HttpStatusCode.BadRequest => VaultFailure.Invalid,
        HttpStatusCode.Forbidden => VaultFailure.Denied,
        HttpStatusCode.ServiceUnavailable when Says(errors, "sealed") => VaultFailure.Sealed,
        // A load balancer without a Vault behind it, a cluster between two leaders, or a quota: later it works.
        HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => VaultFailure.Unreachable,
        HttpStatusCode.TooManyRequests => VaultFailure.Unreachable,
        HttpStatusCode.InternalServerError when Says(errors, "node not active") => VaultFailure.Unreachable,
        _ => VaultFailure.Unexpected,
    };

    public static bool Says(IReadOnlyList<string> errors, string words) =>
        errors.Any(error => error.Contains(words, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it is an object as Vault sends them, and not the page of something between.</summary>
    public static bool IsFromVault(byte[] body)
    {
        try
        {
            var answer = JsonElement.Parse(body);
            return answer.ValueKind == JsonValueKind.Object && (answer.TryGetProperty("errors", out _) || answer.TryGetProperty("request_id", out _));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static IReadOnlyList<string> Read(byte[] body)
    {
        try
        {
            var errors = body.Length == 0 ? null : JsonSerializer.Deserialize(body, VaultJson.Default.ErrorAnswer)?.Errors;
            return errors is null ? [] : [.. errors.Select(Tidy)];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    // Vault sends lists as text: "1 error occurred:\n\t* permission denied\n\n".
    private static string Tidy(string error)
    {
        var start = error.IndexOf("occurred:\n", StringComparison.Ordinal);
        var lines = (start < 0 ? error : error[(start + "occurred:\n".Length)..])
            .Split('\n').Select(line => line.Trim(s_ends)).Where(line => line.Length > 0);
        var text = string.Join("; ", lines);
        return text.Length <= LongestWord ? text : text[..LongestWord] + "…";
    }
}
