using System.Net;
using System.Net.NetworkInformation;
using CsCheck;
using Portal.Outbound;

namespace Portal.Tests.Outbound;

public sealed class OutboundGateTests
{
    private static readonly string[] s_refusedV4 =
    [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    ];

    [Theory]
    [InlineData("0.0.0.0", "no host")]
    [InlineData("0.1.2.3", "no host")]
    [InlineData("::", "no host")]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("127.255.255.254", "loopback")]
    [InlineData("::1", "loopback")]
    [InlineData("10.0.0.1", "private")]
    [InlineData("172.16.0.1", "private")]
    [InlineData("172.31.255.255", "private")]
    [InlineData("192.168.1.1", "private")]
    [InlineData("fc00::1", "private")]
    [InlineData("fdff::1", "private")]
    [InlineData("fec0::1", "private")]
    [InlineData("100.64.0.1", "shared")]
    [InlineData("100.127.255.255", "shared")]
    [InlineData("169.254.169.254", "link-local")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("febf::1", "link-local")]
    [InlineData("192.0.2.1", "documentation")]
    [InlineData("198.51.100.1", "documentation")]
    [InlineData("203.0.113.1", "documentation")]
    [InlineData("2001:db8::1", "documentation")]
    [InlineData("3fff::1", "documentation")]
    [InlineData("198.18.0.1", "benchmarks")]
    [InlineData("198.19.255.255", "benchmarks")]
    [InlineData("2001:2::1", "benchmarks")]
    // Where clouds tell machines about themselves.
    [InlineData("168.63.129.16", "cloud's service")]
    [InlineData("100.100.100.200", "shared")]
    [InlineData("192.0.0.192", "reserved")]
    [InlineData("fd00:ec2::254", "private")]
    [InlineData("fd20:ce::254", "private")]
    [InlineData("224.0.0.1", "multicast")]
    [InlineData("239.255.255.255", "multicast")]
    [InlineData("ff02::1", "multicast")]
    [InlineData("255.255.255.255", "broadcast")]
    [InlineData("192.0.0.1", "reserved")]
    [InlineData("240.0.0.1", "reserved")]
    [InlineData("100::1", "reserved")]
    [InlineData("4000::1", "reserved")]
    [InlineData("2001:20::1", "reserved")]
    [InlineData("::ffff:93.184.216.34", "within an IPv6")]
    [InlineData("::93.184.216.34", "within an IPv6")]
    [InlineData("64:ff9b::5db8:d822", "within an IPv6")]
    [InlineData("64:ff9b:1::1", "within an IPv6")]
    [InlineData("2002:5db8:d822::1", "within an IPv6")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2", "within an IPv6")]
    public async Task What_is_not_the_public_internet_is_refused(string address, string why)
    {
        await using var gate = new Gate();

        (await gate.RefusalAsync(address)).ShouldNotBeNull().ShouldContain(why);
    }

    [Theory]
    [InlineData("93.184.216.34")]
    [InlineData("168.63.129.15")]
    [InlineData("168.63.129.17")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:2800:220:1:248:1893:25c8:1946")]
    public async Task The_public_internet_is_not(string address)
    {
        await using var gate = new Gate();

        (await gate.RefusalAsync(address)).ShouldBeNull();
    }

    [Fact]
    public async Task This_machine_is_refused_by_each_of_its_addresses()
    {
        await using var gate = new Gate();
        var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(entry => entry.Address).ToArray();

        own.ShouldNotBeEmpty();
        foreach (var address in own)
            (await gate.RefusalAsync($"{address}")).ShouldNotBeNull($"{address}");
    }

    [Fact]
    public async Task A_public_address_of_this_machine_is_refused_too()
    {
        var judge = OnMachine("93.184.216.34");

        (await judge.RefusalAsync("a.example.org", IPAddress.Parse("93.184.216.34"), 22, TestContext.Current.CancellationToken)).ShouldNotBeNull().ShouldContain("machine");
        (await judge.RefusalAsync("a.example.org", IPAddress.Parse("93.184.216.35"), 22, TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    [Theory]
    [InlineData("10.1.1.5", "10.1.1.5")]
    [InlineData("10.1.1.5", "::ffff:10.1.1.5")]
    [InlineData("10.1.1.5", "127.0.0.1")]
    [InlineData("10.1.1.5", "0.0.0.0")]
    [InlineData("10.1.1.5", "::1")]
    [InlineData("10.1.1.5", "::ffff:127.0.0.1")]
    [InlineData("fe80::7%3", "fe80::7")]
    public async Task A_network_without_a_port_does_not_open_this_machine(string machine, string address)
    {
        var judge = OnMachine(machine, "0.0.0.0/0", "::/0", "10.1.1.5/32:6443");
        Task<string?> RefusalAsync(string where, int port) => judge.RefusalAsync("a.example.org", IPAddress.Parse(where), port, TestContext.Current.CancellationToken);

        (await RefusalAsync(address, 8080)).ShouldNotBeNull().ShouldContain("own machine");
        (await RefusalAsync("10.1.1.6", 8080)).ShouldBeNull();
        (await RefusalAsync("10.1.1.5", 6443)).ShouldBeNull("its port is named");
    }

    [Fact]
    public async Task A_network_is_allowed_with_any_port_or_with_one()
    {
        await using var gate = new Gate(
            ("Outbound:Allow:0", "10.20.0.0/16"), ("Outbound:Allow:1", "127.0.0.1/32:8443"), ("Outbound:Allow:2", "fd00:1::/32"), ("Outbound:Allow:3", "fd00:2::/32:6443"));

        (await gate.RefusalAsync("10.20.255.1", 6443)).ShouldBeNull();
        (await gate.RefusalAsync("10.21.0.1", 6443)).ShouldNotBeNull();
        (await gate.RefusalAsync("127.0.0.1", 8443)).ShouldBeNull();
        (await gate.RefusalAsync("127.0.0.1", 8444)).ShouldNotBeNull();
        (await gate.RefusalAsync("127.0.0.2", 8443)).ShouldNotBeNull();
        (await gate.RefusalAsync("fd00:1::7", 1)).ShouldBeNull();
        (await gate.RefusalAsync("fd00:2::7", 6443)).ShouldBeNull();
        (await gate.RefusalAsync("fd00:2::7", 443)).ShouldNotBeNull();
        (await gate.RefusalAsync("::ffff:10.20.0.1", 6443)).ShouldNotBeNull("that is another way of writing it, which nobody allowed");
    }

    [Theory]
    [InlineData("10.1.1.5")]
    [InlineData("::ffff:10.1.1.5")]
    [InlineData("64:ff9b::a01:105")]
    public async Task A_network_without_a_port_does_not_open_the_portals_own_services(string address)
    {
        await using var gate = new Gate(("Outbound:Allow:0", "10.0.0.0/8"), ("Outbound:Allow:1", "::/0")).With("vault.example.com", "10.1.1.5").With("portal.example.com", "10.1.1.6");

        (await gate.RefusalAsync(address, 8200)).ShouldNotBeNull().ShouldContain("own services");
        (await gate.RefusalAsync(address, 8201)).ShouldBeNull();
        (await gate.RefusalAsync("10.1.1.6", 443)).ShouldNotBeNull().ShouldContain("own services");
    }

    [Fact]
    public async Task Own_services_are_refused_on_the_public_internet_too_and_by_name()
    {
        await using var gate = new Gate().With("vault.example.com", "93.184.216.34").With("portal.example.com", "93.184.216.35");

        (await gate.RefusalAsync("93.184.216.34", 8200)).ShouldNotBeNull().ShouldContain("own services");
        (await gate.RefusalAsync("93.184.216.99", 443, "PORTAL.example.com.")).ShouldNotBeNull().ShouldContain("own services");
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.77")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    public async Task A_service_on_this_machine_is_refused_at_each_address_of_it(string address)
    {
        await using var gate = new Gate(("Outbound:Allow:0", "0.0.0.0/0"), ("Outbound:Allow:1", "::/0"), ("Vault:Address", "http://127.0.0.1:8200"));

        (await gate.RefusalAsync(address, 8200)).ShouldNotBeNull().ShouldContain("own services");
        (await gate.RefusalAsync(address, 8201)).ShouldNotBeNull().ShouldContain("own machine");
    }

    [Fact]
    public async Task An_own_service_is_open_once_its_port_is_named()
    {
        await using var gate = new Gate(("Outbound:Allow:0", "10.1.1.5/32:8200")).With("vault.example.com", "10.1.1.5");

        (await gate.RefusalAsync("10.1.1.5", 8200)).ShouldBeNull();
    }

    [Fact]
    public async Task What_an_own_service_was_last_stays_closed_while_its_name_leads_nowhere()
    {
        var answers = new Queue<Func<IPAddress[]>>([() => [IPAddress.Parse("10.1.1.5")], () => throw new System.Net.Sockets.SocketException()]);
        var own = new OwnServices([new Uri("https://vault.example.com:8200")], new NameLookups(_ => answers.Dequeue()(), TimeProvider.System), () => []);
        var token = TestContext.Current.CancellationToken;

        (await own.ContainsAsync("a", IPAddress.Parse("10.1.1.5"), 8200, token)).ShouldBeTrue();
        (await own.ContainsAsync("a", IPAddress.Parse("10.1.1.5"), 8200, token)).ShouldBeTrue();
    }

    [Fact]
    public async Task No_address_of_a_refused_network_passes_in_any_form()
    {
        await using var gate = new Gate();
        var address = from network in Gen.Int[0, s_refusedV4.Length - 1].Select(index => IPNetwork.Parse(s_refusedV4[index]))
                      from noise in Gen.UInt
                      select Within(network, noise);
        string[] writings = ["{0}", "::ffff:{0}", "::{0}", "64:ff9b::{0}", "::ffff:0:{0}", "2002:{1}::1", "2002:{1}:7:8:9:a:b"];
        var forms = Gen.Select(address, Gen.Int[0, writings.Length - 1].Select(index => writings[index]));

        await forms.SampleAsync(async pair =>
        {
            var bytes = pair.Item1.GetAddressBytes();
            var hex = $"{bytes[0]:x2}{bytes[1]:x2}:{bytes[2]:x2}{bytes[3]:x2}";
            var text = string.Format(System.Globalization.CultureInfo.InvariantCulture, pair.Item2, pair.Item1, hex);
            (await gate.RefusalAsync(text)).ShouldNotBeNull(text);
        });
    }

    [Fact]
    public async Task A_refusal_tells_the_host_the_reason_and_the_setting_but_no_address_behind_a_name()
    {
        await using var gate = new Gate().With("internal.example.org", "10.9.8.7");

        var refusal = await Should.ThrowAsync<OutboundRefusedException>(() => gate.Clients.ForUsers().GetAsync("https://internal.example.org/", TestContext.Current.CancellationToken));

        refusal.Message.ShouldBe(
            "The portal does not call internal.example.org:443: it leads to a private address. An operator can allow it by the setting Outbound:Allow.");
    }

    [Theory]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://0177.0.0.1/")]
    [InlineData("http://127.1/")]
    [InlineData("http://[::ffff:7f00:1]/")]
    [InlineData("http://[0:0:0:0:0:0:0:1]/")]
    [InlineData("http://127.0.0.1.:80/")]
    [InlineData("http://①②⑦.0.0.1/")]
    public async Task Loopback_in_odd_writing_is_not_called(string address)
    {
        await using var gate = new Gate();

        var failure = await Should.ThrowAsync<HttpRequestException>(() => gate.Clients.ForUsers().GetAsync(address, TestContext.Current.CancellationToken));
        if (failure is not OutboundRefusedException)
            failure.HttpRequestError.ShouldBe(HttpRequestError.NameResolutionError);
    }

    private static OutboundGate OnMachine(string address, params string[] allowed)
    {
        var lookups = new NameLookups(_ => [], TimeProvider.System);
        var options = Microsoft.Extensions.Options.Options.Create(new OutboundOptions { Allow = allowed });
        return new OutboundGate(options, lookups, lookups, new OwnServices([], lookups, () => [IPAddress.Parse(address)]));
    }

    private static IPAddress Within(IPNetwork network, uint noise)
    {
        var prefix = network.BaseAddress.GetAddressBytes();
        var bits = BitConverter.IsLittleEndian ? System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(BitConverter.ToUInt32(prefix)) : BitConverter.ToUInt32(prefix);
        var address = bits | (noise & (uint)((1UL << (32 - network.PrefixLength)) - 1));
        return new IPAddress([(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address]);
    }
}
