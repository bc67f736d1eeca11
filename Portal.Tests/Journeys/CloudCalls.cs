using System.Net;
using Portal.Features.CloudCredentials;
using Portal.Tests.Support;

namespace Portal.Tests.Journeys;

/// <summary>What somebody else does to a team's cloud credentials meanwhile, in another browser.</summary>
public static class CloudCalls
{
    extension(Person person)
    {
        /// <summary>In another browser, without asking its cloud.</summary>
        public async Task RegisterCloudAsync(string name, IReadOnlyDictionary<string, string> values, string type = "generic") =>
            (await person.PostAsync("/browser/teams/payments/cloud-credentials", new { name, type, values, verify = false })).Status.ShouldBe(HttpStatusCode.OK);

        /// <inheritdoc cref="RegisterCloudAsync"/>
        public async Task ChangeCloudAsync(CloudCredential? row, IReadOnlyDictionary<string, string> values) =>
            (await person.PostAsync(
                $"/browser/teams/payments/cloud-credentials/{row.ShouldNotBeNull().Name}/change", new { tag = $"{row.Id:N}-{row.Version}", values, verify = false })).Status.ShouldBe(HttpStatusCode.OK);
    }
}
