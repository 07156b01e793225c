using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

[Collection(OwnSuite.Name)]
public sealed class OverdueTests(OwnSuite.Suite suite)
{
    [Fact]
    public async Task What_does_not_come_back_in_time_is_late_until_it_does_or_gets_more_time()
    {
        var (late, longer, back) = (await suite.BuyAsync(), await suite.BuyAsync(), await suite.BuyAsync());
        var due = suite.Clock.GetUtcNow().AddDays(7);
        foreach (var asset in new[] { late, longer, back })
        {
            await suite.DoAsync(asset.Id, "check-out", new { person = Employee, expectedReturn = due });
        }

        (await suite.PatchAsync(Agent, "assets/" + longer.Id, new { expectedReturn = due.AddDays(7) }, "*")).Ok();
        await suite.DoAsync(back.Id, "check-in");
        suite.Clock.Advance(TimeSpan.FromDays(8));
        var noted = await suite.UntilAsync(Agent, "assets/" + late.Id, one => one["overdue"]!.GetValue<bool>());
        Assert.Equal(noted.Text("expectedReturn"), noted.Text("overdueSince"));
        Assert.Equal([late.Text("number")], await suite.NumbersAsync("overdue=true"));
        Assert.Equal([late.Text("number")], await suite.NumbersAsync("overdue=true&holder=me", Employee));
        suite.Clock.Advance(TimeSpan.FromDays(7));
        await suite.UntilAsync(Agent, "assets/" + longer.Id, one => one["overdueSince"] is not null);

        var more = (await suite.PatchAsync(Agent, "assets/" + late.Id, new { expectedReturn = due.AddDays(90) }, "*")).Ok();
        Assert.False(more["overdue"]!.GetValue<bool>());
        Assert.Null((await suite.DoAsync(longer.Id, "check-in"))["overdueSince"]);
        Assert.Empty(await suite.NumbersAsync("overdue=true"));
        Assert.Equal("/expectedReturn",
            (await suite.PatchAsync(Agent, "assets/" + late.Id, new { expectedReturn = due }, "*")).Problem(400).Pointer);
        Assert.Equal("asset.not-out",
            (await suite.PatchAsync(Agent, "assets/" + back.Id, new { expectedReturn = due.AddDays(90) }, "*")).Problem(409).Code);

        // The time goes on after a restart.
        await suite.RestartAsync();
        suite.Clock.Advance(TimeSpan.FromDays(90));
        await suite.UntilAsync(Agent, "assets/" + late.Id, one => one["overdue"]!.GetValue<bool>());
    }
}
