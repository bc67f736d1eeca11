using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

public sealed partial class PagerDutyType : CloudType
{
    public override string Name => "pagerduty";

    public override string Title => "PagerDuty";

    public override string Help =>
        "Add an integration of the kind Events API v2 in PagerDuty under Services › (service) › Integrations; its key may send events to this service alone.";

    public override string AfterRevoke => "The key still works at PagerDuty: delete the integration under Services › (service) › Integrations › (integration) › Edit.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new("integrationKey", "Integration key", "It stands in PagerDuty under Services › (service) › Integrations.")
        {
            IsRequired = true, IsSensitive = true, Check = Rules.Form(Key(), "The integration key has 32 letters and digits."),
        },
    ];

    [GeneratedRegex(@"^[A-Za-z0-9]{32}\z")]
    private static partial Regex Key();
}
