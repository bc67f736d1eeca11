using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.Audit;

/// <summary>The audit trail, a page at a time. Filter and page stand in the address.</summary>
public sealed partial class Audit : IDisposable
{
    private const int PageSize = 50;

    private Live<AuditPage>? _events;
    private int _numberBefore = 1;

    [SupplyParameterFromQuery(Name = "q")]
    public string? Filter { get; set; }

    /// <summary>Counts from 1.</summary>
    [SupplyParameterFromQuery(Name = "page")]
    public int? PageNumber { get; set; }

    [CascadingParameter]
    private Task<AuthenticationState> Authentication { get; set; } = null!;

    [Inject]
    private AuditLog Log { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    [Inject]
    private Browser Browser { get; set; } = null!;

    [Inject]
    private TroubleWords Words { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    private int Number => Math.Clamp(PageNumber ?? 1, 1, 1_000_000);

    public void Dispose() => _events?.Dispose();

    protected override async Task OnInitializedAsync()
    {
        var actor = await Actor.OfAsync(Authentication);
        _events = new(ct => Log.ReadAsync(actor, Filter, (Number - 1) * PageSize, PageSize, ct), StateHasChanged, Words, Time);
        _ = _events.RunAsync();
    }

    // Another address of this page: filter or page changed.
    protected override async Task OnParametersSetAsync()
    {
        if (_events is null)
            return;
        await _events.RefreshAsync();
        if (_numberBefore != Number)
            await Browser.ScrollToTopAsync();
        _numberBefore = Number;
    }

    private void FilterBy(string filter) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["q"] = filter.Length > 0 ? filter : null, ["page"] = null }), FilterBox.Typed);

    private string AddressOf(int page) => Navigation.GetUriWithQueryParameter("page", page > 1 ? page.ToString(CultureInfo.InvariantCulture) : null);
}
