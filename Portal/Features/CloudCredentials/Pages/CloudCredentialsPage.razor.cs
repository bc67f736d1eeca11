using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.CloudCredentials.Pages;

/// <summary>What all of one's teams have, a page at a time. All of what is looked at stands in the address.</summary>
public sealed partial class CloudCredentialsPage : IDisposable
{
    private Live<CloudListView>? _page;
    private int _numberBefore = 1;

    [SupplyParameterFromQuery(Name = "q")]
    public string? Text { get; set; }

    [SupplyParameterFromQuery(Name = "team")]
    public string? Team { get; set; }

    [SupplyParameterFromQuery(Name = "type")]
    public string? Type { get; set; }

    [SupplyParameterFromQuery(Name = "tag")]
    public string? Tag { get; set; }

    /// <summary>See <see cref="CloudFilter"/>.</summary>
    [SupplyParameterFromQuery(Name = "show")]
    public string? Filter { get; set; }

    /// <summary>See <see cref="CloudOrder"/>.</summary>
    [SupplyParameterFromQuery(Name = "order")]
    public string? Order { get; set; }

    /// <summary>Counts from 1.</summary>
    [SupplyParameterFromQuery(Name = "page")]
    public int? PageNumber { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = null!;

    [Inject]
    private CloudCredentialList Credentials { get; set; } = null!;

    [Inject]
    private CloudTypes Types { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private Browser Browser { get; set; } = null!;

    [Inject]
    private TroubleWords Words { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    private int Number => Math.Clamp(PageNumber ?? 1, 1, 1_000_000);

    private CloudListWish Wish => new(Text ?? "", Empty(Team), Empty(Type), Empty(Tag), Read<CloudFilter>(Filter), Read<CloudOrder>(Order));

    public void Dispose() => _page?.Dispose();

    protected override async Task OnInitializedAsync()
    {
        var actor = await Actor.OfAsync(Authentication);
        _page = new(
            async ct =>
            {
                var wish = Wish;
                return new CloudListView(wish, await Credentials.ListAsync(actor, wish with { Skip = (Number - 1) * CloudList.PageSize, Take = CloudList.PageSize }, ct));
            },
            StateHasChanged, Words, Time);
        _ = _page.RunAsync();
    }

    // Another address of this page: what is looked at changed.
    protected override async Task OnParametersSetAsync()
    {
        if (_page is null)
            return;
        await _page.RefreshAsync();
        if (_numberBefore != Number)
            await Browser.ScrollToTopAsync();
        _numberBefore = Number;
    }

    private void Show(CloudListWish wish) => Navigation.NavigateTo(AddressOf(wish), FilterBox.Typed);

    private string AddressOf(CloudListWish wish) => Navigation.GetUriWithQueryParameters(CloudAddress.List, new Dictionary<string, object?>
    {
        ["q"] = Empty(wish.Text),
        ["team"] = wish.Team,
        ["type"] = wish.Type,
        ["tag"] = wish.Tag,
        ["show"] = wish.Filter == CloudFilter.All ? null : Word(wish.Filter),
        ["order"] = wish.Order == CloudOrder.Name ? null : Word(wish.Order),
    });

    private string PageAddress(int page) => Navigation.GetUriWithQueryParameter("page", page > 1 ? page.ToString(CultureInfo.InvariantCulture) : null);

    private static string? Empty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static T Read<T>(string? word)
        where T : struct, Enum => Enum.TryParse<T>(word, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : default;

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
