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
    public async Task It_has_files()
    {
        var files = $"recipes/{(await WriteAsync()).Id}/attachments";
        var photo = (await suite.SendAsync("employee1", HttpMethod.Post, files + "?fileName=pie.txt", new ByteArrayContent([65]))).Ok();
        Assert.Equal([photo.Id], (await suite.GetAsync("agent1", files)).Ok().Items.Select(one => one.Id));
        (await suite.GetAsync("employee2", files)).Problem(404);
    }

    [Fact]
    public async Task It_is_approved_by_those_who_are_asked_and_nobody_is_asked_who_is_gone()
    {
        await suite.ActAsync("admin", "groups/network/add-members", new { people = new[] { "agent1", "agent2" } });
        var pie = await RunningSuite.UntilAsync(WriteAsync, recipe => Waiting(recipe).Count() > 1, "A recipe with two who are asked");
        var (first, second) = (Waiting(pie).First(), Waiting(pie).Last());
        (await suite.PostAsync("employee1", Decision(pie, first), new { digest = first.Text("digest") }, "*")).Problem(403);
        await suite.ActAsync("admin", "groups/network/remove-members", new { people = new[] { first.Text("approver") } });
        await suite.UntilAsync("employee1", "recipes/" + pie.Id, one =>
            Waiting(one).All(approval => approval.Text("approver") != first.Text("approver")));
        var person = (await suite.GetAsync("admin", "people/" + second.Text("approver"))).Ok().Text("userName");
        await suite.ActAsync(person, Decision(pie, second), new { digest = second.Text("digest") });
        Assert.True((await suite.GetAsync("employee1", "recipes/" + pie.Id)).Ok()["served"]!.GetValue<bool>());
    }

    private async Task<JsonObject> WriteAsync() =>
        (await suite.PostAsync("employee1", "recipes", new { title = "Pie", category = (string?)null })).Ok();

    private static IEnumerable<JsonObject> Waiting(JsonObject recipe) => recipe["approval"]!["approvals"]!.AsArray().OfType<JsonObject>()
        .Where(approval => approval.Text("state") == "requested");

    private static string Decision(JsonObject recipe, JsonObject approval) =>
        $"recipes/{recipe.Id}/approvals/{approval.Text("approvalId")}/approve";

    public sealed class Suite : RunningSuite
    {
        protected override IReadOnlyList<IServiceModule> More => [new RecipesService()];
    }
}
