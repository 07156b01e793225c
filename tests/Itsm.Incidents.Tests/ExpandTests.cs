using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Who and what the ids of a thing stand for, in the read of the thing.</summary>
public sealed class ExpandTests(IncidentsSuite suite)
{
    private const string All = "requester,openedBy,assignee,assignmentGroup,category,parent";

    [Fact]
    public async Task One_read_has_the_names_of_people_and_groups_the_path_of_the_category_and_the_parent()
    {
        var parent = await suite.OpenAsync(Other, new { title = "No network" });
        var category = await CategoryAsync("Radio links", await CategoryAsync("Waves", null));
        var id = (await suite.OpenAsync(Caller, new { title = "No radio", category })).Id;
        await suite.DoAsync(id, "assign", new { assignmentGroup = "network", assignee = Agent, reason = "Theirs." });
        await suite.DoAsync(id, "set-parent", new { parent = parent.Id });

        var read = (await suite.GetAsync(Agent, $"incidents/{id}?expand={All}")).Ok();

        var expanded = read["expanded"]!.AsObject();
        Assert.Equal(All.Split(',').Order(), expanded.Select(one => one.Key).Order());
        Assert.Equal((read.Text("requester"), Caller, "Erin Employee"),
            (Of("requester").Id, Of("requester").Text("userName"), Of("requester").Text("name")));
        Assert.Equal((read.Text("assignmentGroup"), "network"), (Of("assignmentGroup").Id, Of("assignmentGroup").Text("key")));
        Assert.Equal((read.Text("category"), category, "Radio links"),
            (Of("category").Id, Of("category").Text("key"), Of("category").Text("name")));
        Assert.Equal(["Waves", "Radio links"], Of("category")["path"].Texts());
        Assert.Equal((parent.Id, parent.Text("number"), "No network", "new"),
            (Of("parent").Id, Of("parent").Text("number"), Of("parent").Text("title"), Of("parent").Text("state")));
        Assert.Equal(4, Of("parent").Count);

        var listed = (await suite.GetAsync(Agent, $"incidents?id={id}&expand=category,parent")).Ok().Items.Single();
        Assert.Equal(expanded["parent"]!.ToJsonString(), listed["expanded"]!["parent"]!.ToJsonString());
        Assert.Equal(expanded["category"]!.ToJsonString(), listed["expanded"]!["category"]!.ToJsonString());
        Assert.False((await suite.ReadAsync(id)).ContainsKey("expanded"));

        JsonObject Of(string field) => expanded[field]!.AsObject();
    }

    [Fact]
    public async Task A_parent_that_the_caller_does_not_see_stays_an_id()
    {
        var parent = await suite.OpenAsync(Other, new { title = "No network" });
        var id = (await suite.OpenAsync(Caller)).Id;
        await suite.DoAsync(id, "set-parent", new { parent = parent.Id });

        foreach (var address in new[] { $"incidents/{id}?expand=parent,requester", $"incidents?id={id}&expand=parent,requester" })
        {
            var answer = (await suite.GetAsync(Caller, address)).Ok();
            var read = answer.ContainsKey("items") ? answer.Items.Single() : answer;
            Assert.Equal(parent.Id, read.Text("parent"));
            Assert.Equal(["requester"], read["expanded"]!.AsObject().Select(one => one.Key));
        }
    }

    [Fact]
    public async Task The_tag_changes_with_what_is_explained_and_still_names_the_version()
    {
        var parent = await suite.OpenAsync(Caller, new { title = "No network" });
        var id = (await suite.OpenAsync(Caller)).Id;
        await suite.DoAsync(id, "set-parent", new { parent = parent.Id });
        var path = $"incidents/{id}?fields=number,parent&expand=parent";
        var first = await suite.GetAsync(Caller, path);
        Assert.Equal(["expanded", "id", "number", "parent"], first.Ok().Select(one => one.Key).Order());
        Assert.Equal(first.Tag, (await suite.GetAsync(Caller, path)).Tag);
        Assert.NotEqual(first.Tag, (await suite.GetAsync(Caller, $"incidents/{id}?fields=number,parent")).Tag);
        using (var again = new HttpRequestMessage(HttpMethod.Get, "/api/v1/" + path))
        {
            again.Headers.TryAddWithoutValidation("If-None-Match", first.Tag);
            Assert.Equal(304, (int)(await suite.As(Caller).SendAsync(again)).StatusCode);
        }

        (await suite.PatchAsync(Agent, "incidents/" + parent.Id, new { title = "No network in Lisbon" }, "*")).Ok();

        var second = await suite.GetAsync(Caller, path);
        Assert.NotEqual(first.Tag, second.Tag);
        Assert.Equal("No network in Lisbon", second.Json["expanded"]!["parent"]!.AsObject().Text("title"));
        (await suite.PatchAsync(Agent, "incidents/" + id, new { title = "No phone" }, second.Tag)).Ok();
        (await suite.PatchAsync(Agent, "incidents/" + id, new { title = "No mail" }, second.Tag)).Problem(412);
    }

    [Theory]
    [InlineData("title")]
    [InlineData("watchers")]
    [InlineData("requester,nonsense")]
    public async Task A_field_that_is_not_explained_is_a_400_that_names_the_parameter(string fields)
    {
        var id = (await suite.OpenAsync()).Id;
        Assert.Equal("?expand", (await suite.GetAsync(Agent, $"incidents/{id}?expand={fields}")).Problem(400).Pointer());
    }

    private async Task<string> CategoryAsync(string name, string? parent)
    {
        var key = "c" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^12..];
        (await suite.PostAsync("admin", "categories", new { key, name, parent })).Ok();
        return key;
    }
}
