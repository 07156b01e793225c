using System.Text.Json.Nodes;
using Itsm.Platform.Hosting;
using Itsm.Testing;

namespace Itsm.Ticketing.Tests;

/// <summary>What is no ticket gets the parts of tickets that it asks for, through HTTP.</summary>
public sealed class NoTicketTests(NoTicketTests.Suite suite) : IClassFixture<NoTicketTests.Suite>
{
    [Fact]
    public async Task It_has_a_number_a_category_and_comments()
    {
        (await suite.PostAsync("agent1", "menu/categories", new { key = "starters", name = "Starters" })).Ok();
        (await suite.PostAsync("employee1", "recipes", new { title = "Soup", category = "desserts" })).Problem(400);
        var soup = (await suite.PostAsync("employee1", "recipes", new { title = "Soup", category = "starters" })).Ok();
        Assert.StartsWith("RCP000", soup.Text("number"), StringComparison.Ordinal);
        var comments = $"recipes/{soup.Text("number")}/comments";
        (await suite.PostAsync("employee1", comments, new { text = "With leeks." })).Ok();
        (await suite.PostAsync("agent1", comments, new { text = "Too salty.", @internal = true })).Ok();
        (await suite.PostAsync("employee1", comments, new { text = "Not at all.", @internal = true })).Problem(403);
        Assert.Equal(["With leeks."], (await suite.GetAsync("employee1", comments)).Ok().Items.Select(one => one.Text("text")));
        Assert.Equal(["With leeks.", "Too salty."], (await suite.GetAsync("agent1", comments)).Ok().Items.Select(one => one.Text("text")));
        (await suite.GetAsync("employee2", comments)).Problem(404);
    }

    [Fact]
    public async Task It_is_approved_by_those_who_are_asked_and_nobody_is_asked_who_is_gone()
    {
        var stew = (await suite.PostAsync("employee1", "recipes", new { title = "Stew", category = (string?)null })).Ok();
        var asked = Waiting(stew).ToList();
        Assert.NotEmpty(asked);
        (await suite.PostAsync("employee1", Decision(stew, asked[0], "approve"), new { digest = asked[0].Text("digest") }, "*"))
            .Problem(403);
        var leaver = asked[0].Text("approver");
        await suite.ActAsync("admin", "groups/network/remove-members", new { people = new[] { leaver } });
        await suite.UntilAsync("employee1", "recipes/" + stew.Id, one => Waiting(one).All(approval => approval.Text("approver") != leaver));
    }

    [Fact]
    public async Task Whoever_is_asked_has_it_served()
    {
        var pie = (await suite.PostAsync("employee1", "recipes", new { title = "Pie", category = (string?)null })).Ok();
        foreach (var asked in Waiting(pie))
        {
            var person = (await suite.GetAsync("admin", "people/" + asked.Text("approver"))).Ok().Text("userName");
            (await suite.PostAsync(person, Decision(pie, asked, "approve"), new { digest = asked.Text("digest") }, "*")).Ok();
            if ((await suite.GetAsync("employee1", "recipes/" + pie.Id)).Ok()["served"]!.GetValue<bool>())
            {
                return;
            }
        }

        Assert.Fail("All have approved, and it is not served.");
    }

    private static IEnumerable<JsonObject> Waiting(JsonObject recipe) => recipe["approval"]!["approvals"]!.AsArray().OfType<JsonObject>()
        .Where(approval => approval.Text("state") == "requested");

    private static string Decision(JsonObject recipe, JsonObject approval, string decision) =>
        $"recipes/{recipe.Id}/approvals/{approval.Text("approvalId")}/{decision}";

    public sealed class Suite : RunningSuite
    {
        protected override IReadOnlyList<IServiceModule> More => [new RecipesService()];
    }
}
