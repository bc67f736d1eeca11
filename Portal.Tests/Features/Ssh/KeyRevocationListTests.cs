using System.Globalization;
using System.Security.Cryptography;
using CsCheck;
using Portal.Features.Ssh;

namespace Portal.Tests.Features.Ssh;

/// <summary>What the portal writes, as OpenSSH itself reads it.</summary>
public sealed class KeyRevocationListTests : IDisposable
{
    private static readonly DateTimeOffset s_made = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);

    // Anywhere, near both ends, and close together so that there are runs.
    private static readonly Gen<ulong> s_serial = Gen.OneOf(
        Gen.ULong[1, ulong.MaxValue],
        Gen.ULong[1, 40],
        Gen.ULong[ulong.MaxValue - 20, ulong.MaxValue]);

    private static readonly Gen<string> s_keyId = Gen.String[Gen.Char[' ', '~'], 1, 60];

    private static readonly Gen<Sample> s_sample =
        from serials in s_serial.HashSet[0, 60]
        from otherSerials in s_serial.HashSet[0, 10]
        from keyIds in s_keyId.HashSet[0, 20]
        from otherKeyIds in s_keyId.HashSet[0, 5]
        from keys in Gen.Int[0, 10]
        select new Sample([.. serials], [.. otherSerials.Except(serials)], [.. keyIds], [.. otherKeyIds.Except(keyIds)], keys);

    private readonly SshKeygen _keygen = new();
    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _stranger = new();

    public void Dispose() => _keygen.Dispose();

    [Fact]
    public void What_is_in_is_revoked_and_nothing_else() => s_sample.Sample(
        sample =>
        {
            byte[][] keys = [.. Enumerable.Range(0, sample.Keys).Select(_ => TestAuthority.NewKey())];
            var list = Write(sample.Serials, sample.KeyIds, keys);
            var asked = new List<(string Line, bool IsIn)>();
            asked.AddRange(sample.Serials.Select(serial => (Certificate(_authority, serial, "free"), true)));
            asked.AddRange(sample.KeyIds.Select(keyId => (Certificate(_authority, 0, keyId), true)));
            asked.AddRange(keys.Select(key => (TestAuthority.Line(key), true)));
            asked.AddRange(keys.Select(key => (_stranger.Sign(key, 7, "free"), true)));
            asked.AddRange(sample.Serials.Select(serial => (Certificate(_stranger, serial, "free"), false)));
            asked.AddRange(sample.KeyIds.Select(keyId => (Certificate(_stranger, 7, keyId), false)));
            asked.AddRange(sample.OtherSerials.Select(serial => (Certificate(_authority, serial, "free"), false)));
            asked.AddRange(sample.OtherKeyIds.Select(keyId => (Certificate(_authority, 0, keyId), false)));
            asked.Add((TestAuthority.Line(TestAuthority.NewKey()), false));

            _keygen.AreRevoked(list, [.. asked.Select(pair => pair.Line)]).ShouldBe(asked.Select(pair => pair.IsIn));
        },
        iter: 15,
        threads: 1);

    [Fact]
    public void An_empty_list_revokes_nothing() =>
        _keygen.AreRevoked(Write([], [], []), [Certificate(_authority, 1, "bob:1"), TestAuthority.Line(TestAuthority.NewKey())]).ShouldBe([false, false]);

    [Theory]
    [InlineData(1UL)]
    [InlineData((1UL << 63) - 1)]
    [InlineData(1UL << 63)]
    [InlineData(ulong.MaxValue)]
    public void One_serial_is_revoked_and_its_neighbours_are_not(ulong serial)
    {
        ulong[] asked = [serial, .. new[] { serial - 1, unchecked(serial + 1) }];
        _keygen.AreRevoked(Write([serial], [], []), [.. asked.Select(one => Certificate(_authority, one, "free"))]).ShouldBe([true, false, false]);
    }

    [Fact]
    public void Ten_thousand_are_revoked()
    {
        ulong[] serials = [.. Enumerable.Range(0, 10_000).Select(_ => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8))).Where(serial => serial != 0)];
        string[] keyIds = [.. Enumerable.Range(0, 10_000).Select(number => string.Create(CultureInfo.InvariantCulture, $"user-{number}:{Guid.CreateVersion7()}"))];
        byte[][] keys = [.. Enumerable.Range(0, 10_000).Select(_ => RandomNumberGenerator.GetBytes(32))];
        var known = TestAuthority.NewKey();
        var list = KeyRevocationList.Write(
            3, s_made, "", [new(_authority.Blob, serials, keyIds)], [.. keys, SHA256.HashData(known)]);

        string[] revoked =
        [
            .. serials.Where((_, index) => index % 200 == 0).Select(serial => Certificate(_authority, serial, "free")),
            .. keyIds.Where((_, index) => index % 200 == 0).Select(keyId => Certificate(_authority, 0, keyId)),
            TestAuthority.Line(known),
        ];
        string[] good = [.. Enumerable.Range(0, 50).Select(number => Certificate(_authority, (ulong)number + 1, "user-1:free"))];
        _keygen.AreRevoked(list, [.. revoked, .. good]).ShouldBe([.. revoked.Select(_ => true), .. good.Select(_ => false)]);
        list.Length.ShouldBeLessThan(10_000 * (sizeof(ulong) + 4 + 50 + 4 + 32));
    }

    [Fact]
    public void Authorities_do_not_share_their_lists()
    {
        var list = KeyRevocationList.Write(1, s_made, "", [new(_authority.Blob, [1], ["a"]), new(_stranger.Blob, [2], ["b"])], []);
        _keygen.AreRevoked(
            list,
            [
                Certificate(_authority, 1, "x"), Certificate(_authority, 2, "b"), Certificate(_authority, 3, "a"),
                Certificate(_stranger, 1, "a"), Certificate(_stranger, 2, "x"), Certificate(_stranger, 3, "b"),
            ])
            .ShouldBe([true, false, true, false, true, true]);
    }

    [Fact]
    public void Serial_zero_is_left_out_as_OpenSsh_takes_no_list_with_it() =>
        _keygen.AreRevoked(Write([0, 1], [], []), [Certificate(_authority, 0, "free"), Certificate(_authority, 1, "free")]).ShouldBe([false, true]);

    [Fact]
    public void A_run_of_serials_is_one_range()
    {
        var run = Write([.. Enumerable.Range(1, 5000).Select(number => (ulong)number)], [], []);
        run.Length.ShouldBeLessThan(200);
        _keygen.AreRevoked(run, [Certificate(_authority, 1, ""), Certificate(_authority, 5000, ""), Certificate(_authority, 5001, "")]).ShouldBe([true, true, false]);
    }

    [Fact]
    public void OpenSsh_reads_version_time_and_comment()
    {
        File.WriteAllBytes(_keygen.Path("krl"), KeyRevocationList.Write(ulong.MaxValue, s_made, "Vault Portal", [], []));
        var text = _keygen.Run("-Q", "-l", "-f", _keygen.Path("krl"));
        text.ShouldContain($"# KRL version {ulong.MaxValue}");
        text.ShouldContain("# Comment: Vault Portal");
    }

    [Fact]
    public void The_order_of_what_is_in_changes_no_byte() => s_sample.Sample(sample =>
    {
        byte[][] keys = [.. Enumerable.Range(0, sample.Keys).Select(_ => TestAuthority.NewKey())];
        Write([.. sample.Serials.Reverse()], [.. sample.KeyIds.Reverse()], [.. keys.Reverse()]).ShouldBe(Write(sample.Serials, sample.KeyIds, keys));
    });

    private static string Certificate(TestAuthority authority, ulong serial, string keyId) => authority.Sign(TestAuthority.NewKey(), serial, keyId);

    private byte[] Write(ulong[] serials, string[] keyIds, byte[][] keys) =>
        KeyRevocationList.Write(1, s_made, "", [new(_authority.Blob, serials, keyIds)], [.. keys.Select(SHA256.HashData)]);

    private sealed record Sample(ulong[] Serials, ulong[] OtherSerials, string[] KeyIds, string[] OtherKeyIds, int Keys);
}
