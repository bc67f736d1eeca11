namespace Portal.Features.AccessTokens;

/// <summary>A way to look through many tokens.</summary>
/// <param name="Name">In the page's address; empty for the usual one.</param>
/// <param name="Words">For people.</param>
public sealed record TokenOrder(string Name, string Words, Func<IEnumerable<AccessTokenView>, IEnumerable<AccessTokenView>> Sort)
{
    public static readonly TokenOrder SoonestEnd = new("end", "Soonest end first", tokens => tokens.OrderBy(token => token.ExpiresAt));

    /// <summary>The usual one first. Lists come newest first.</summary>
    public static readonly IReadOnlyList<TokenOrder> All =
    [
        new("", "Newest first", tokens => tokens),
        SoonestEnd,
        new("unused", "Longest unused first", tokens => tokens.OrderBy(token => token.LastUsedOn ?? DateOnly.MinValue).ThenBy(token => token.CreatedAt)),
        new("name", "By name", tokens => tokens.OrderBy(token => token.Name, StringComparer.OrdinalIgnoreCase)),
    ];

    /// <summary>The usual one when there is none of this name.</summary>
    public static TokenOrder Of(string? name) => All.FirstOrDefault(order => order.Name == name, All[0]);
}
