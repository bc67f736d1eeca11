using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Portal.Sandbox.Clouds;

/// <summary>Checks a signature of Amazon's, version 4, in the header.</summary>
internal sealed partial class SignatureV4(string accessKey, string secret, TimeProvider time)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(15);

    /// <returns>Amazon's code and words for what is wrong; null when nothing is.</returns>
    public (string Code, string Message)? Check(HttpRequest request, byte[] body, string service, out string region)
    {
        region = "";
        if (Authorization().Match(request.Headers.Authorization.ToString()) is not { Success: true } parts)
            return ("MissingAuthenticationToken", "Request is missing Authentication Token");
        region = parts.Groups["region"].Value;
        string[] signed = parts.Groups["headers"].Value.Split(';');
        if (!signed.Contains("host") || !signed.Contains("x-amz-date") || !signed.SequenceEqual(signed.Order(StringComparer.Ordinal)))
            return ("IncompleteSignature", "host and x-amz-date must be signed, and the names of headers sorted.");
        if (parts.Groups["service"].Value != service)
            return ("SignatureDoesNotMatch", $"Credential should be scoped to correct service: '{service}'.");
        var said = request.Headers["X-Amz-Date"].ToString();
        if (!DateTimeOffset.TryParseExact(said, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            || parts.Groups["date"].Value != said[..8])
            return ("IncompleteSignature", "Date must be in the form of the scope.");
        if ((time.GetUtcNow() - date).Duration() > s_skew)
            return ("RequestExpired", $"Signature expired: {said} is not within 15 minutes.");
        if (parts.Groups["key"].Value != accessKey)
            return ("InvalidClientTokenId", "The security token included in the request is invalid.");

        var hash = Hex(SHA256.HashData(body));
        if (request.Headers.TryGetValue("X-Amz-Content-SHA256", out var claimed) && claimed != hash)
            return ("SignatureDoesNotMatch", "The body is not the one that was signed.");
        var scope = $"{said[..8]}/{region}/{service}/aws4_request";
        var text = $"{Algorithm}\n{said}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(request, signed, hash))))}";
        var key = Encoding.UTF8.GetBytes($"AWS4{secret}");
        foreach (var step in scope.Split('/'))
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        var expected = Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(parts.Groups["signature"].Value))
            ? null
            : ("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.");
    }

    private static string Canonical(HttpRequest request, string[] signed, string bodyHash)
    {
        var path = string.Join('/', request.Path.ToUriComponent().Split('/').Select(Uri.EscapeDataString));
        var query = string.Join('&', request.Query
            .SelectMany(parameter => parameter.Value, (parameter, value) => $"{Uri.EscapeDataString(parameter.Key)}={Uri.EscapeDataString(value ?? "")}")
            .Order(StringComparer.Ordinal));
        var headers = string.Concat(signed.Select(name => $"{name}:{Spaces().Replace(request.Headers[name].ToString().Trim(), " ")}\n"));
        return $"{request.Method}\n{path}\n{query}\n{headers}\n{string.Join(';', signed)}\n{bodyHash}";
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    [GeneratedRegex(@"^AWS4-HMAC-SHA256 Credential=(?<key>\w+)/(?<date>\d{8})/(?<region>[\w-]+)/(?<service>[\w-]+)/aws4_request, ?SignedHeaders=(?<headers>[a-z0-9;-]+), ?Signature=(?<signature>[0-9a-f]{64})$")]
    private static partial Regex Authorization();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
