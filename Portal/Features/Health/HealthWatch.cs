using Microsoft.AspNetCore.Components;

namespace Portal.Features.Health;

/// <summary>A component that follows the portal's health, as last checked.</summary>
public abstract class HealthWatch : ComponentBase, IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stop = new();

    protected HealthSummary Current { get; private set; } = new(HealthStatus.Ok, null);

    [Inject]
    private HealthChecklist Checklist { get; set; } = null!;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override void OnInitialized()
    {
        Current = Checklist.Current;
        _ = WatchAsync(_stop.Token);
    }

    private async Task WatchAsync(CancellationToken stopped)
    {
        using var timer = new PeriodicTimer(s_period, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopped))
            {
                if (Current == Checklist.Current)
                    continue;
                Current = Checklist.Current;
                StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // The page is gone.
        }
    }
}
