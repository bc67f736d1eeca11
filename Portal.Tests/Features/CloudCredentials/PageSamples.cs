using Portal.Features.CloudCredentials;

namespace Portal.Tests.Features.CloudCredentials;

internal static class PageSamples
{
    public static readonly CloudTypes Types = new();

    /// <summary>A key of AWS, verified an hour ago, that whoever looks may manage.</summary>
    public static CloudCredentialView Credential(DateTimeOffset now, string name = "shop-prod", CloudStanding standing = CloudStanding.Verified) => new(
        Guid.Parse("0193aaaa-0000-7000-8000-000000000001"), Guid.Empty, "payments", name, "amazon", ["env:prod", "shop"], "alice", now.AddDays(-20), 2, now.AddDays(-2), "carol",
        now.AddDays(-20), null,
        [
            new("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", 1, now.AddDays(-20)),
            new("AWS_SECRET_ACCESS_KEY", null, 1, now.AddDays(-20)),
            new("AWS_REGION", "eu-central-1", 2, now.AddDays(-2)),
        ],
        Check(now, standing), CloudState.Active, MayManage: true);

    public static CloudCheckView Check(DateTimeOffset now, CloudStanding standing) => standing switch
    {
        CloudStanding.Verified => new(standing, now.AddHours(-1), now.AddHours(-1), null, [], [new("Account", "123456789012"), new("ARN", "arn:aws:iam::123456789012:user/shop")]),
        CloudStanding.Failing => new(standing, now.AddHours(-1), now.AddDays(-3), "The key lacks a right.", ["ec2:DescribeRegions", "region eu-central-1"], []),
        CloudStanding.Unreachable => new(standing, now.AddHours(-1), now.AddDays(-3), "Amazon does not answer.", [], []),
        _ => new(standing, null, null, null, [], []),
    };

    public static CloudVersionView Version(DateTimeOffset now, int number, bool isCurrent = false, bool isGone = false) =>
        new(number, now.AddDays(-20 + number), "alice", number == 1 ? "registered" : "changed", number == 1 ? ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] : ["AWS_REGION", "endsAt"], isCurrent, isGone);
}
