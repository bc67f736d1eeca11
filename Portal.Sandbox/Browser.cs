using System.Net;
using System.Text.RegularExpressions;

namespace Portal.Sandbox;

/// <summary>
/// A browser without script: keeps cookies by host, the Secure ones too (which .NET's container does not send over http), and
/// sends forms. Follows redirects only when told to.
/// </summary>
public sealed partial class Browser(Func<Uri, HttpMessageInvoker> connect, Uri home, CancellationToken cancellationToken = default) : IDisposable
{
    private const int MostRedirects = 10;
    private readonly Dictionary<(string Host, string Name), string> _cookies = [];

    /// <summary>Sent instead of the true one when set.</summary>
    public string? HostHeader { get; set; }

    public Uri Home => home;

    public IReadOnlyDictionary<string, string> CookiesOf(Uri uri) =>
        _cookies.Where(cookie => cookie.Key.Host == uri.Host).ToDictionary(cookie => cookie.Key.Name, cookie => cookie.Value);

    /// <summary>The <c>Set-Cookie</c> headers that ever came.</summary>
    public List<string> SetCookies { get; } = [];

    public void SetCookie(string name, string value) => _cookies[(home.Host, name)] = value;

    public Task<Page> GetAsync(string address, string accept = "text/html") => SendAsync(HttpMethod.Get, new Uri(home, address), null, accept);

    public Task<Page> PostAsync(string address, params (string Name, string Value)[] fields) =>
        SendAsync(HttpMethod.Post, new Uri(home, address), fields);

    /// <summary>Sends the form of the page that holds the button.</summary>
    public Task<Page> SubmitAsync(Page page, string button, params (string Name, string Value)[] also)
    {
        var form = Forms().Matches(page.Text).Select(match => match.Value).Single(form => form.Contains(button, StringComparison.Ordinal));
        var action = new Uri(page.Address, WebUtility.HtmlDecode(Attribute(form, "action")));
        var fields = Inputs().Matches(form).Select(match => match.Value)
            .Select(input => (Name: WebUtility.HtmlDecode(Attribute(input, "name")), Value: WebUtility.HtmlDecode(Attribute(input, "value"))))
            .Where(field => field.Name.Length > 0)
            .Concat(also);
        return SendAsync(HttpMethod.Post, action, [.. fields]);
    }

    /// <summary>Goes where the answer sends it, until a page comes.</summary>
    public async Task<Page> FollowAsync(Page page)
    {
        for (var i = 0; page.Location is not null; i++)
        {
            if (i == MostRedirects)
                throw new InvalidOperationException($"Redirects never end; the last led to {page.Location}.");
            page = await SendAsync(HttpMethod.Get, page.Location, null);
        }

        return page;
    }

    /// <summary>As a page's script posts: with the token from the page that it runs in.</summary>
    public Task<Page> PostJsonAsync(string address, object body, string? antiforgery)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(home, address)) { Content = JsonContent.Create(body) };
        request.Headers.Accept.ParseAdd("application/json");
        if (antiforgery is not null)
            request.Headers.Add("RequestVerificationToken", antiforgery);
        return SendAsync(request);
    }

    public Task<Page> SendAsync(HttpMethod method, Uri address, (string Name, string Value)[]? fields, string accept = "text/html")
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.Accept.ParseAdd(accept);
        if (fields is not null)
            request.Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return SendAsync(request);
    }

    public void Dispose() => _cookies.Clear();

    private async Task<Page> SendAsync(HttpRequestMessage request)
    {
        using var sent = request;
        var address = request.RequestUri!;
        if (HostHeader is not null && address.Host == home.Host)
            request.Headers.Host = HostHeader;
        if (CookiesOf(address) is { Count: > 0 } cookies)
            request.Headers.Add("Cookie", string.Join("; ", cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        using var response = await connect(address).SendAsync(request, cancellationToken);
        Keep(address, response);
        return new Page(
            address, response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken),
            response.Headers.Location is { } location ? new Uri(address, location) : null,
            response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase));
    }

    private void Keep(Uri address, HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Set-Cookie", out var lines))
            return;
        foreach (var line in lines)
        {
            SetCookies.Add(line);
            var (name, value) = line.Split(';')[0].Split('=', 2) is [var n, var v] ? (n, v) : throw new FormatException(line);
            if (value.Length == 0 || line.Contains("expires=Thu, 01 Jan 1970", StringComparison.OrdinalIgnoreCase))
                _cookies.Remove((address.Host, name));
            else
                _cookies[(address.Host, name)] = value;
        }
    }

    private static string Attribute(string tag, string name) =>
        Regex.Match(tag, $"""\b{name}="([^"]*)" """.TrimEnd()).Groups[1].Value;

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<input[^>]*>")]
    private static partial Regex Inputs();
}

public sealed record Page(Uri Address, HttpStatusCode Status, string Text, Uri? Location, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The content of a meta element.</summary>
    public string Meta(string name) =>
        WebUtility.HtmlDecode(Regex.Match(Text, $"<meta name=\"{Regex.Escape(name)}\" content=\"([^\"]+)\"").Groups[1].Value);

    /// <summary>What a person reads: tags gone, entities decoded, white space folded.</summary>
    public string Words => Regex.Replace(
        WebUtility.HtmlDecode(Regex.Replace(Regex.Replace(Text, "</?(a|code|strong)[^>]*>", ""), "<[^>]*>", " ")), @"\s+", " ").Trim();
}
