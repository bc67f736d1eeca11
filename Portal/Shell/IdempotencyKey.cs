using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Portal.Shell;

/// <summary>An endpoint that looks at <see cref="IdempotencyKey"/>.</summary>
public sealed class TakesIdempotencyKey;

/// <summary>
/// The <c>Idempotency-Key</c> of a call that issues: a call that is repeated with the same key makes no second thing
/// (draft-ietf-httpapi-idempotency-key-header).
/// </summary>
public static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    public const int Longest = 60;

    /// <summary>The call's key; without one, each call is a wish of its own.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static ProblemHttpResult? Read(HttpRequest request, out string key)
    {
        key = $"{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
        if (!request.Headers.TryGetValue(Header, out var values))
            return null;
        if (values is not [{ Length: > 0 and <= Longest } given] || given.Any(letter => letter is < '!' or > '~'))
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "idempotency-key",
                $"The header {Header} is one text of 1 to {Longest} visible ASCII characters, such as a UUID.");
        }

        // Apart from the keys that pages make.
        key = $"api:{given}";
        return null;
    }
}
