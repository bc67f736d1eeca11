using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

public sealed partial class SlackType : CloudType
{
    public override string Name => "slack";

    public override string Title => "Slack";

    public override string Help =>
        "Add a webhook at api.slack.com/apps under (app) › Incoming Webhooks; whoever knows its address may post to the one channel that was chosen for it.";

    public override string AfterRevoke => "The address still works at Slack: remove the webhook at api.slack.com/apps under (app) › Incoming Webhooks.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new("apiUrl", "Webhook address", "It stands at api.slack.com/apps under (app) › Incoming Webhooks.")
        {
            IsRequired = true, IsSensitive = true, Longest = Rules.LongestUrl, Example = "https://hooks.slack.com/services/…",
            Check = Rules.Form(Webhook(), "The webhook address is https://hooks.slack.com/services/ followed by three parts, as Slack shows it."),
        },
    ];

    [GeneratedRegex(@"^https://hooks\.slack(-gov)?\.com/services/[A-Za-z0-9]{1,80}/[A-Za-z0-9]{1,80}/[A-Za-z0-9]{1,80}\z")]
    private static partial Regex Webhook();
}
