using Microsoft.AspNetCore.Components;
using Portal.Shell;

namespace Portal.Features.Databases;

/// <summary>How long and why. Which role is given; the reason stays in the browser until it is sent.</summary>
public sealed partial class IssueForm
{
    /// <summary>In the document.</summary>
    public const string Id = "ask";


    private DurationChoice? _duration;

    [Parameter, EditorRequired]
    public DatabaseRoleAccess Role { get; set; } = null!;

    [Parameter]
    public IReadOnlyList<string> RecentReasons { get; set; } = [];

    [Parameter]
    public bool Busy { get; set; }

    /// <summary>By field, what the portal found wrong.</summary>
    [Parameter]
    public IReadOnlyDictionary<string, string[]> Errors { get; set; } = IssueProblem.NoErrors;

    /// <summary>The wish is complete as far as the form can tell; the portal checks it.</summary>
    [Parameter]
    public EventCallback<TimeSpan> OnIssue { get; set; }

    /// <summary>Between the fields and the button.</summary>
    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    private string? Error(string field) => Errors.TryGetValue(field, out var messages) && messages.Length > 0 ? messages[0] : null;

    private async Task SubmitAsync()
    {
        if (_duration!.Read() is { } wanted)
            await OnIssue.InvokeAsync(wanted);
    }
}
