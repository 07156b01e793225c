using Itsm.Testing;
using Microsoft.Playwright;
using Proxy = Itsm.Testing.Proxy;

namespace Itsm.Aspire.Tests;

/// <summary>The live stream in a page, by the browser's own EventSource.</summary>
[OuterTier]
public sealed class BrowserStreamTests(BrowserStreamTests.Suite suite) : IClassFixture<BrowserStreamTests.Suite>
{
    private const string Follow = """
        async token => {
          window.seen = [];
          const issued = await fetch("/api/v1/stream/tickets", { method: "POST", headers: { Authorization: `Bearer ${token}` } });
          const { ticket } = await issued.json();
          window.live = new EventSource(`/api/v1/stream?types=ticket&ticket=${ticket}`);
          window.live.addEventListener("ticket", event => window.seen.push(JSON.parse(event.data).number));
          await new Promise(resolve => window.live.addEventListener("ready", resolve, { once: true }));
        }
        """;

    [Fact]
    public async Task An_EventSource_follows_with_a_ticket_and_misses_nothing_where_it_connects_again()
    {
        await using var chromium = await Chromium.LaunchAsync();
        await using var proxy = Proxy.Before("127.0.0.1", new Uri(suite.Address).Port);
        proxy.Open();

        // The gateway's own pages let no script of theirs connect anywhere.
        var page = await chromium.Browser.NewPageAsync(new() { BypassCSP = true });
        page.SetDefaultTimeout((float)Patience.Most.TotalMilliseconds);
        await page.GotoAsync($"http://127.0.0.1:{proxy.Port}/alive");
        await page.EvaluateAsync(Follow, suite.As("agent1").DefaultRequestHeaders.Authorization!.Parameter);
        var first = (await suite.OpenAsync()).Text("number");
        await UntilSeenAsync(page, [first]);

        proxy.Close();
        var meanwhile = (await suite.OpenAsync()).Text("number");
        proxy.Open();
        await UntilSeenAsync(page, [first, meanwhile]);
        var last = (await suite.OpenAsync()).Text("number");
        await UntilSeenAsync(page, [first, meanwhile, last]);
    }

    private static Task UntilSeenAsync(IPage page, string[] numbers) => RunningSuite.UntilAsync(
        async () => string.Join(' ', await page.EvaluateAsync<string[]>("() => [...new Set(window.seen)]")),
        seen => seen == string.Join(' ', numbers), string.Join(' ', numbers));

    public sealed class Suite : RunningSuite
    {
        protected override IReadOnlyList<string> Services => ["directory", "incidents", "notifications"];
    }
}
