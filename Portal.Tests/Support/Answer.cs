using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Portal.Tests.Support;

/// <summary>An answer that is JSON, or empty.</summary>
public sealed record Answer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public bool NoStore => Headers.CacheControl?.NoStore == true;

    public string? RetryAfter => Headers.RetryAfter?.ToString();

    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The last part of a problem's type.</summary>
    public string Slug => Json.GetProperty("type").GetString()!.Split(':')[^1];

    /// <summary>What a problem says to people.</summary>
    public string Detail => Json.GetProperty("detail").GetString()!;

    public Guid Id => Json.GetProperty("id").GetGuid();

    public string Username => Json.GetProperty("username").GetString()!;

    public string Password => Json.GetProperty("password").GetString()!;

    /// <summary>Of an access token that was just made.</summary>
    public string Token => Json.GetProperty("token").GetString()!;

    public DateTimeOffset ExpiresAt => Json.GetProperty("expiresAt").GetDateTimeOffset();

    /// <summary>Of a list.</summary>
    public IReadOnlyList<JsonElement> Items => [.. Json.GetProperty("items").EnumerateArray()];

    /// <summary>Of a list: goes into <c>cursor</c> for the next page; null on the last one.</summary>
    public string? Next => Json.GetProperty("next").GetString();

    /// <summary>What a problem says is wrong with a field.</summary>
    public string ErrorOf(string field) => Json.GetProperty("errors").GetProperty(field)[0].GetString()!;

    public static async Task<Answer> ReadAsync(HttpResponseMessage response) => new(
        response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers, response.Content.Headers);
}
