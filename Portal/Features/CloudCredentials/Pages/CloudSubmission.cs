using Microsoft.JSInterop;
using Portal.Features.Health;
using Portal.Shell;

namespace Portal.Features.CloudCredentials.Pages;

/// <summary>
/// A form of a cloud credential, posted by the page's script past the circuit (wwwroot/js/cloud-form.js): one at a time, and what went wrong with
/// the last. Values, and what is wrong with them, stay in the page. Belongs to one component and runs on its dispatcher.
/// </summary>
public sealed class CloudSubmission(string formId, string notDone, IJSRuntime script)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private bool _failedForVault;
    private bool _seenVaultAway;

    public bool IsBusy { get; private set; }

    /// <summary>The one under way asks the cloud first.</summary>
    public bool IsAsking { get; private set; }

    /// <summary>The cloud did not find it good, or could not be asked.</summary>
    public CloudRefusal? Refusal { get; private set; }

    public Trouble? Trouble { get; private set; }

    /// <summary>Somebody else was faster.</summary>
    public bool IsConflict { get; private set; }

    /// <summary>The last one failed because Vault was away, and Vault is here again.</summary>
    public bool IsVaultBack { get; private set; }

    /// <param name="path">Where the script posts to.</param>
    /// <param name="wish">Goes along with what is typed.</param>
    /// <param name="asks">Whether the cloud is asked.</param>
    /// <returns>Null when nothing was stored, or nobody knows.</returns>
    public async Task<CloudSaved?> SendAsync(string path, object wish, bool asks)
    {
        if (IsBusy)
            return null;
        Forget();
        (IsBusy, IsAsking) = (true, asks);
        try
        {
            var answer = await script.InvokeAsync<CloudAnswer>("portal.cloud.send", s_patience, formId, path, wish);
            if (answer.Problem is { } problem)
                Keep(problem);
            return answer is { Problem: null, Name: { } name } ? new(name, answer.Version ?? 0) : null;
        }
        catch (Exception exception) when (exception is JSException or OperationCanceledException)
        {
            Keep(new(CloudProblem.UnknownOutcome, null, null, null, HasErrors: false));
            return null;
        }
        finally
        {
            IsBusy = false;
        }
    }

    public void Forget() =>
        (Refusal, Trouble, IsConflict, IsVaultBack, _failedForVault, _seenVaultAway) = (null, null, false, false, false, false);

    /// <summary>Told what the last health check found: that Vault was away is said no longer once it was seen to go and come back.</summary>
    public void NoteVault(HealthStatus status)
    {
        if (!_failedForVault)
            return;
        if (status == HealthStatus.Broken)
            _seenVaultAway = true;
        else if (_seenVaultAway)
            (Trouble, IsVaultBack, _failedForVault) = (null, true, false);
    }

    private void Keep(CloudProblem problem)
    {
        _failedForVault = problem.Slug is "vault-sealed" or "vault-unreachable";
        IsConflict = problem.Slug == "changed-meanwhile";
        if (problem.Slug is "verification-failed" or "cloud-unreachable")
            Refusal = new(problem.Detail ?? "", problem.Missing ?? [], problem.Slug == "cloud-unreachable");
        else if (!problem.HasErrors && !IsConflict)
            Trouble = InWords(problem);
    }

    private Trouble InWords(CloudProblem problem) => problem.Slug switch
    {
        // What is typed into fields is kept nowhere but in this page.
        "signed-out" => new("Your session has ended.", "Sign in again. Name and tags are kept; the fields have to be given again.", SignedOut: true),
        CloudProblem.UnknownOutcome => new("The connection broke before the answer came.", "Nobody knows whether it was stored. Try again: what is stored already is not stored twice."),
        _ => new(notDone, problem.Detail ?? "The portal did not say why. What you typed is still here.", problem.Detail is null ? problem.TraceId : null),
    };
}

/// <param name="Missing">Each thing that it lacks.</param>
/// <param name="IsSilent">The cloud could not be asked: nobody knows whether it is good.</param>
public sealed record CloudRefusal(string Message, IReadOnlyList<string> Missing, bool IsSilent);

public sealed record CloudSaved(string Name, int Version);

/// <summary>What the script tells of a submission: never a value.</summary>
public sealed record CloudAnswer(string? Name, int? Version, CloudProblem? Problem);

/// <param name="Missing">See <see cref="CloudRefusal.Missing"/>.</param>
/// <param name="HasErrors">Some fields break a rule, which the script says beside them.</param>
public sealed record CloudProblem(string Slug, string? Detail, string? TraceId, string[]? Missing, bool HasErrors)
{
    public const string UnknownOutcome = "unknown-outcome";
}
