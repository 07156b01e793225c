using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace Itsm.Aspire.Tests;

/// <summary>A portal of one page, in a browser, on an origin of its own: from signing in to the agent's answer.</summary>
[OuterTier]
public sealed class PortalTests(PortalTests.Suite suite) : IClassFixture<PortalTests.Suite>
{
    [Fact]
    public async Task An_employee_reports_with_a_screenshot_and_sees_the_answer_arrive()
    {
        await using var chromium = await Chromium.LaunchAsync();
        await suite.ServeAsync();
        var page = await chromium.Browser.NewPageAsync();
        page.SetDefaultTimeout((float)Patience.Most.TotalMilliseconds);
        Assertions.SetDefaultExpectTimeout((float)Patience.Most.TotalMilliseconds);
        await page.GotoAsync($"{suite.Origin}/portal.html?gateway={suite.Address}");
        await page.SelectOptionAsync("#login select", "employee1");
        await page.ClickAsync("#login button");
        await Assertions.Expect(page.Locator("#me")).ToHaveTextAsync("Signed in as Erin Employee");

        // A picture of the page itself.
        await page.FillAsync("[name=title]", "The screen stays black");
        await page.SetInputFilesAsync("[name=screenshot]",
            new FilePayload { Name = "screen.png", MimeType = "image/png", Buffer = await page.ScreenshotAsync() });
        await page.ClickAsync("#open button");
        await Assertions.Expect(page.Locator("#ticket h1")).ToContainTextAsync("The screen stays black");
        await Assertions.Expect(page.Locator("#tickets li")).ToContainTextAsync(["The screen stays black"]);
        await RunningSuite.UntilAsync(
            () => page.EvaluateAsync<int>("() => document.querySelector('#files img')?.naturalWidth ?? 0"), width => width == 320, "The picture");

        var incident = (await suite.GetAsync("agent1", "incidents?requester=employee1")).Ok().Items.Single();
        (await suite.PostAsync("agent1", $"incidents/{incident.Id}/comments", new { text = "Is it plugged in?" })).Ok();
        await Assertions.Expect(page.Locator("#comments li[data-live]")).ToHaveTextAsync("Amir Agent: Is it plugged in?");
        await suite.ActAsync("agent1", $"incidents/{incident.Id}/start");
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("inProgress");

        // Read again, all is as it was told.
        await page.ClickAsync("#tickets li");
        await Assertions.Expect(page.Locator("#comments li")).ToHaveTextAsync(["Amir Agent: Is it plugged in?"]);
        await Assertions.Expect(page.Locator("#error")).ToHaveTextAsync("");
    }

    public sealed class Suite : RunningSuite
    {
        private readonly WebApplication _pages;

        public Suite()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            _pages = builder.Build();
            _pages.Urls.Add("http://127.0.0.1:0");
            _pages.Map("/{**file}", (string file) => Path.Combine(Data, "client", file) is var path && File.Exists(path)
                ? Microsoft.AspNetCore.Http.Results.File(path, Path.GetExtension(path) == ".html" ? "text/html" : "text/javascript")
                : Microsoft.AspNetCore.Http.Results.NotFound());
        }

        public string Origin => _pages.Urls.Single();

        protected override IReadOnlyList<string> Services => ["directory", "incidents", "notifications"];

        public override async ValueTask InitializeAsync()
        {
            await _pages.StartAsync();
            await base.InitializeAsync();
        }

        public async Task ServeAsync() => await TypeScript.CompileAsync(this, "tests", "Itsm.Aspire.Tests", "Portal");

        public override async ValueTask DisposeAsync()
        {
            await _pages.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override void Configure(WebApplicationBuilder builder) => builder.Configuration["Cors:Origins:0"] = Origin;
    }
}
