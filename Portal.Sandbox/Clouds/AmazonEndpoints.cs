using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Portal.Sandbox.Clouds;

/// <summary>STS and EC2 in one, told apart by what is asked of them.</summary>
internal sealed class AmazonEndpoints(CloudSeed seed, CloudControl control, TimeProvider time)
{
    private const string Account = "123456789012";

    private static readonly string[] s_regions =
        ["ap-south-1", "ap-southeast-2", "cn-north-1", "eu-central-1", "eu-north-1", "eu-west-1", "us-east-1", "us-east-2", "us-gov-west-1", "us-west-2"];

    public void Map(IEndpointRouteBuilder app) => app.MapPost("/", AnswerAsync);

    private async Task<IResult> AnswerAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body.ToArray()));
        return (form["Action"].ToString(), form["Version"].ToString()) switch
        {
            ("GetCallerIdentity", "2011-06-15") => Sts(request, body.ToArray()),
            ("DescribeRegions", "2016-11-15") => Ec2(request, body.ToArray()),
            var (action, _) => Error(400, "InvalidAction", $"Could not find operation {action}"),
        };
    }

    private IResult Sts(HttpRequest request, byte[] body)
    {
        if (Refusal(request, body, "sts") is var (code, message))
            return Error(code is "IncompleteSignature" ? 400 : 403, code, message);
        var name = seed.Values("amazon")["AWS_ACCESS_KEY_ID"];
        return Xml(200,
            $"""
            <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
            <Arn>arn:aws:iam::{Account}:user/deployer</Arn><UserId>AIDA{name[4..]}</UserId><Account>{Account}</Account>
            </GetCallerIdentityResult><ResponseMetadata><RequestId>{Guid.CreateVersion7()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>
            """);
    }

    private IResult Ec2(HttpRequest request, byte[] body)
    {
        if (Refusal(request, body, "ec2") is var (code, message))
            return Ec2Error(401, code is "InvalidClientTokenId" ? "AuthFailure" : code, message);
        if (!control.Has(CloudControl.Access))
            return Ec2Error(403, "UnauthorizedOperation", $"You are not authorized to perform this operation. User: arn:aws:iam::{Account}:user/deployer is not authorized to perform: ec2:DescribeRegions");
        var regions = s_regions.Where(control.Has)
            .Select(region => $"<item><optInStatus>opt-in-not-required</optInStatus><regionName>{region}</regionName><regionEndpoint>ec2.{region}.amazonaws.com</regionEndpoint></item>");
        return Xml(200,
            $"""
            <DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>{Guid.CreateVersion7()}</requestId>
            <regionInfo>{string.Concat(regions)}</regionInfo></DescribeRegionsResponse>
            """);
    }

    private (string Code, string Message)? Refusal(HttpRequest request, byte[] body, string service)
    {
        var good = seed.Values("amazon");
        var signature = new SignatureV4(good["AWS_ACCESS_KEY_ID"], good["AWS_SECRET_ACCESS_KEY"], time);
        if (signature.Check(request, body, service, out var region) is { } wrong)
            return wrong;
        // STS of a region that an account has not enabled does not know its keys.
        return control.KeyIsDisabled || !s_regions.Contains(region) ? ("InvalidClientTokenId", "The security token included in the request is invalid.") : null;
    }

    private static IResult Error(int status, string code, string message) => Xml(status,
        $"""
        <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>
        <RequestId>{Guid.CreateVersion7()}</RequestId></ErrorResponse>
        """);

    private static IResult Ec2Error(int status, string code, string message) => Xml(status,
        $"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>{Guid.CreateVersion7()}</RequestID></Response>");

    private static IResult Xml(int status, string text) => Results.Text(text, "text/xml", Encoding.UTF8, status);
}
