namespace Portal.Features.CloudCredentials.Pages;

/// <summary>A page of a list, and what was asked for: the address may be further by now.</summary>
/// <param name="Wish">Without paging.</param>
public sealed record CloudListView(CloudListWish Wish, CloudListPage Page);
