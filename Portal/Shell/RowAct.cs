namespace Portal.Shell;

/// <summary>What a person does to a row of a list: one thing at a time.</summary>
public sealed class RowAct(Browser browser)
{
    public bool IsBusy { get; private set; }

    /// <summary>Why the last one failed.</summary>
    public string? Complaint { get; set; }

    /// <param name="act">Answers null when done or on its way, else why not.</param>
    /// <param name="done">Said to a screen reader afterwards.</param>
    /// <param name="focus">What gets the focus then, by its id in the document: where the row is gone, the page's content.</param>
    /// <returns>Whether it was done.</returns>
    public async Task<bool> RunAsync(Func<Task<string?>> act, string done, string focus = "content")
    {
        if (IsBusy)
            return false;
        (IsBusy, Complaint) = (true, null);
        try
        {
            Complaint = await act();
        }
        finally
        {
            IsBusy = false;
        }

        if (Complaint is not null)
            return false;
        await browser.AnnounceAsync(done);
        await browser.FocusAsync(focus);
        return true;
    }
}
