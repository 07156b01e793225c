using System.Globalization;
using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

[Collection(OwnSuite.Name)]
public sealed class ContractTests(OwnSuite.Suite suite)
{
    [Fact]
    public async Task A_contract_covers_assets_expires_and_says_when_notice_is_due()
    {
        var supplier = NewTag();
        var (laptop, phone) = (await suite.BuyAsync(), await suite.BuyAsync());
        var contract = (await suite.PostAsync(Agent, "contracts",
            new
            {
                name = "Repair", kind = "support", supplier, reference = "S-1", startsOn = In(-30), endsOn = In(400), noticeOn = In(100),
                renewsItself = true, cost = new { amount = 5, currency = "EUR" }, owner = Manager,
                assets = new[] { laptop.Text("number"), phone.Id, phone.Id },
            })).Ok();
        Assert.Matches("^CTR[0-9]{7}$", contract.Text("number"));
        Assert.Equal([laptop.Id, phone.Id], contract["assets"]!.AsArray().Select(one => one!.GetValue<string>()));
        (await suite.PostAsync(Agent, "contracts",
            new { name = "Lease", kind = "lease", supplier, startsOn = In(0), endsOn = In(90) })).Ok();
        (await suite.PostAsync(Agent, "contracts", new { name = "For ever", supplier, startsOn = In(0) })).Ok();
        Assert.Equal(["Lease", "Repair", "For ever"], await NamesAsync("sort=endsOn"));
        Assert.Equal(["Lease"], await NamesAsync($"endsOn[gte]={In(0)}&endsOn[lte]={In(90)}"));
        Assert.Equal(["Repair"], await NamesAsync("asset=" + phone.Id));
        Assert.Equal(["Repair"], await NamesAsync("kind=support,insurance&owner=" + Manager));

        // 30 days before the last day of notice.
        suite.Clock.Advance(TimeSpan.FromDays(60));
        Assert.Null((await suite.GetAsync(Agent, "contracts/" + contract.Id)).Ok()["noticeDueSince"]);
        suite.Clock.Advance(TimeSpan.FromDays(12));
        await suite.UntilAsync(Agent, "contracts/" + contract.Text("number"), one => one["noticeDueSince"] is not null);
        var longer = (await suite.PatchAsync(Agent, "contracts/" + contract.Id,
            new { noticeOn = In(300), assets = Array.Empty<string>() }, "*")).Ok();
        Assert.Null(longer["noticeDueSince"]);
        Assert.Empty(await NamesAsync("asset=" + phone.Id));
        (await suite.GetAsync(Employee, "contracts/" + contract.Id)).Problem(403);
        (await suite.PatchAsync("analyst1", "contracts/" + contract.Id, new { name = "Mine" }, "*")).Problem(403);

        async Task<IEnumerable<string>> NamesAsync(string query) =>
            (await suite.GetAsync(Agent, $"contracts?supplier={supplier}&{query}")).Ok().Items.Select(one => one.Text("name"));
    }

    [Theory]
    [InlineData("""{"name":"X","startsOn":"2026-01-01"}""", "/supplier")]
    [InlineData("""{"name":"X","supplier":"Y"}""", "/startsOn")]
    [InlineData("""{"name":"X","supplier":"Y","startsOn":"2026-01-02","endsOn":"2026-01-01"}""", "/endsOn")]
    [InlineData("""{"name":"X","supplier":"Y","startsOn":"2026-01-02","noticeOn":"2026-01-03"}""", "/noticeOn")]
    [InlineData("""{"name":"X","supplier":"Y","startsOn":"2026-01-02","endsOn":"2026-02-01","noticeOn":"2026-02-03"}""", "/noticeOn")]
    [InlineData("""{"name":"X","supplier":"Y","startsOn":"0026-01-02"}""", "/startsOn")]
    [InlineData("""{"name":"X","supplier":"Y","startsOn":"2026-01-02","kind":"loan"}""", "/kind")]
    [InlineData("""{"name":"X","supplier":"Y","startsOn":"2026-01-02","owner":"nobody"}""", "/owner")]
    [InlineData("""{"name":"X","supplier":"Y","startsOn":"2026-01-02","assets":["AST9999999"]}""", "/assets/0")]
    [InlineData("""{"name":"X","supplier":"Y","startsOn":"2026-01-02","cost":{"amount":1,"currency":"euro"}}""", "/cost")]
    public async Task What_is_wrong_with_a_contract_is_named(string body, string at)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(at, (await suite.PostAsync(Agent, "contracts", content)).Problem(400).Pointer);
    }

    private string In(int days) =>
        DateOnly.FromDateTime(suite.Clock.GetUtcNow().UtcDateTime).AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
