using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CsCheck;
using Portal.Features.CloudCredentials;
using Portal.Features.CloudCredentials.Types;

namespace Portal.Tests.Features.CloudCredentials;

public class GoogleFileTests
{
    private static readonly GoogleType s_type = new();

    public static TheoryData<string, string, string> Broken => new()
    {
        { "", CloudFile.Field, "not whole JSON" },
        { "hello", CloudFile.Field, "line 1 at byte 1" },
        { "{\n  \"type\": \"service_account\",\n  \"project_id\" \"x\"\n}", CloudFile.Field, "line 3 at byte 16" },
        { "{\"type\": \"service_account\"", CloudFile.Field, "not whole JSON" },
        { "{\"type\": \"service_account\"}}", CloudFile.Field, "not whole JSON" },
        { "[]", CloudFile.Field, "another kind of file" },
        { "null", CloudFile.Field, "another kind of file" },
        { "{}", CloudFile.Field, "has no type" },
        { "{\"web\": {\"client_secret\": \"x\"}}", CloudFile.Field, "OAuth client" },
        { "{\"type\": \"\\ud800\"}", CloudFile.Field, "half of a letter" },
        { "{\"type\": \"service_account\", \"x\": [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}", CloudFile.Field, "not whole JSON" },
        { "{\"type\": \"authorized_user\"}", "type", "gcloud auth application-default login" },
        { "{\"type\": \"external_account\"}", "type", "workload identity federation" },
        { "{\"type\": \"impersonated_service_account\"}", "type", "own key" },
        { "{\"type\": \"something\"}", "type", "The type is service_account" },
        { "{\"type\": \"service_account\", \"type\": \"service_account\"}", "type", "twice" },
        { "{\"type\": \"service_account\", \"private_key\": 1}", "private_key", "not a text" },
        { "{\"type\": \"service_account\", \"client_email\": {\"a\": []}}", "client_email", "not a text" },
        { "{\"type\": \"service_account\", \"client_id\": null}", "client_id", "not a text" },
    };

    [Fact]
    public void A_key_file_fills_in_all_fields()
    {
        var file = JsonNode.Parse(CloudSamples.GoogleFile())!.AsObject();
        file["universe_domain"] = "googleapis.com";
        file["more"] = new JsonArray(1, new JsonObject { ["type"] = "other" });

        var values = Read("\uFEFF" + file.ToJsonString(), out var errors);

        errors.ShouldBeEmpty();
        s_type.Accept(values).ShouldBe(CloudSamples.Of("google"), ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_file_that_is_no_key_file_is_named(string text, string field, string says)
    {
        Read(text, out var errors);

        errors.ShouldHaveSingleItem().Key.ShouldBe(field);
        errors[field].ShouldContain(says);
    }

    [Fact]
    public void A_huge_file_is_not_read()
    {
        Read(new string('[', 2 * 1024 * 1024), out var errors);

        errors[CloudFile.Field].ShouldContain("64 KiB");
    }

    [Fact]
    public void A_key_is_RSA_in_PKCS8_and_strong()
    {
        using var rsa = RSA.Create(2048);
        using var weak = RSA.Create(1024);
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = rsa.ExportPkcs8PrivateKeyPem();
        var cost = new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1);

        Refused(pem.Replace("\n", "\\n")).ShouldContain("\\n where lines end");
        Refused(rsa.ExportRSAPrivateKeyPem()).ShouldContain("PKCS#8");
        Refused(ecdsa.ExportPkcs8PrivateKeyPem()).ShouldContain("PKCS#8");
        Refused(weak.ExportPkcs8PrivateKeyPem()).ShouldContain("1024 bits");
        Refused(rsa.ExportEncryptedPkcs8PrivateKeyPem("secret", cost)).ShouldContain("encrypted");
        Refused(rsa.ExportSubjectPublicKeyInfoPem()).ShouldContain("no private key");
        Refused(pem[..^40]).ShouldContain("damaged");
        Refused($"{pem}\n{pem}").ShouldContain("several");
        Refused(pem.Replace("MII", "MIA")).ShouldContain("cannot be read");
        Refused("hello").ShouldContain("no private key");
        s_type.Accept(CloudSamples.With("google", ("private_key", pem.ReplaceLineEndings("\r\n"))));
    }

    [Fact]
    public void No_text_makes_reading_fail()
    {
        var file = CloudSamples.GoogleFile();
        Gen.Select(Gen.Int[0, file.Length - 1], Gen.Char, Gen.Int[0, 2]).Sample(
            change =>
            {
                var (at, letter, kind) = change;
                var text = kind switch { 0 => file[..at], 1 => file.Remove(at, 1), _ => file[..at] + letter + file[at..] };
                var values = Read(text, out var errors);
                s_type.Read(values, errors);
            },
            iter: 1000, threads: 1);
    }

    private static string Refused(string key)
    {
        var errors = s_type.Refuse(CloudSamples.With("google", ("private_key", key)));
        errors.ShouldHaveSingleItem().Key.ShouldBe("private_key");
        return errors["private_key"];
    }

    private static IReadOnlyDictionary<string, string> Read(string text, out Dictionary<string, string> errors)
    {
        errors = [];
        return s_type.File!.Read(text, errors);
    }
}
