using System.Net;
using Itsm.Platform.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Itsm.Platform.Tests.Webhooks;

public sealed class WebhookTests : IAsyncLifetime
{
    private const string Key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private WebApplication _receiver = null!;
    private WebhookClient _client = null!;

    private string Address => _receiver.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _receiver = builder.Build();
        _receiver.MapPost("/ok", async (HttpContext context) =>
        {
            var (headers, body) = (context.Request.Headers, await new StreamReader(context.Request.Body).ReadToEndAsync());
            return headers["webhook-signature"] == WebhookClient.Sign(Key, headers["webhook-id"]!, headers["webhook-timestamp"]!, body)
                ? Results.Text(new string('x', 100_000))
                : Results.StatusCode(401);
        });
        _receiver.MapPost("/elsewhere", () => Results.Redirect("/ok"));
        _receiver.MapPost("/never", async (HttpContext context) => await Task.Delay(Timeout.Infinite, context.RequestAborted));
        await _receiver.StartAsync();
        _client = Client(TimeSpan.FromSeconds(20));
    }

    private WebhookClient Client(TimeSpan timeout) => new(new Settings(new WebhookSettings
    {
        Timeout = timeout, Secrets = new Dictionary<string, string> { ["key"] = Key },
        InternalHosts = new Dictionary<string, Uri> { ["inside.test"] = new(Address) },
    }), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<WebhookClient>.Instance);

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_call_is_signed_after_standard_webhooks_and_its_answer_is_read_up_to_a_bound()
    {
        var answer = await _client.SendAsync("http://inside.test/ok", "key", "id-1", "{}", default);
        Assert.Equal((HttpStatusCode.OK, true, 16 * 1024), (answer.Status, answer.IsSuccess, answer.Body.Length));

        // The vector of the specification.
        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            WebhookClient.Sign(Key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", """{"test": 2432232314}"""));
    }

    [Fact]
    public async Task What_goes_wrong_is_an_answer_and_no_exception()
    {
        Assert.Equal("It answered 302; redirects are not followed.",
            (await _client.SendAsync("http://inside.test/elsewhere", "key", "id", "{}", default)).Failure);
        using var hasty = Client(TimeSpan.FromSeconds(1));
        Assert.Equal("It did not answer within 1 s.",
            (await hasty.SendAsync("http://inside.test/never", "key", "id", "{}", default)).Failure);
        Assert.Equal("It answered 404.", (await _client.SendAsync("http://inside.test/nothing", "key", "id", "{}", default)).Failure);
        Assert.Equal("No secret other is configured.",
            (await _client.SendAsync("http://inside.test/ok", "other", "id", "{}", default)).Failure);
    }

    [Theory]
    [InlineData("https://127.0.0.1:1/hook", "127.0.0.1 is not a public address.")]
    [InlineData("https://2130706433/hook", "127.0.0.1 is not a public address.")]
    [InlineData("https://[::1]/hook", "::1 is not a public address.")]
    [InlineData("https://169.254.169.254/latest", "169.254.169.254 is not a public address.")]
    [InlineData("https://localhost/hook", "localhost is not a public address.")]
    [InlineData("http://example.org/hook", "A webhook needs https.")]
    [InlineData("https://a:b@example.org/hook",
        "\"https://a:b@example.org/hook\" is not an address such as https://automation.example.org/hooks/reset.")]
    [InlineData("ftp://example.org", "\"ftp://example.org\" is not an address such as https://automation.example.org/hooks/reset.")]
    public async Task Where_it_may_not_go_is_refused_before_and_at_the_call(string address, string why)
    {
        Assert.Equal(why, _client.WhyNot(address)!.ToString());
        Assert.Equal(why, (await _client.SendAsync(address, "key", "id", "{}", default)).Failure);
    }

    [Fact]
    public async Task A_name_that_leads_inside_is_refused_when_connecting()
    {
        // The machine's own name is at a loopback or private address, which the look at the text alone can't know.
        var name = Dns.GetHostName();
        Assert.SkipUnless(Array.TrueForAll(await Dns.GetHostAddressesAsync(name), address => !PublicAddress.Is(address)),
            "This machine's name is at a public address.");
        Assert.Null(_client.WhyNot($"https://{name}/hook"));
        Assert.Contains("is at no public address", (await _client.SendAsync($"https://{name}/hook", "key", "id", "{}", default)).Failure,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.255.255.255", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("127.1.2.3", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("198.51.100.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("fe80::1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("ff02::1", false)]
    public void Only_addresses_of_the_internet_are_public(string address, bool expected) =>
        Assert.Equal(expected, PublicAddress.Is(IPAddress.Parse(address)));

    private sealed class Settings(WebhookSettings value) : IOptionsMonitor<WebhookSettings>
    {
        public WebhookSettings CurrentValue => value;

        public WebhookSettings Get(string? name) => value;

        public IDisposable? OnChange(Action<WebhookSettings, string?> listener) => null;
    }
}
