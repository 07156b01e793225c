using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>Who the caller is.</summary>
[Collection(WholeSuite.Name)]
public sealed class MeTests(RunningSuite suite)
{
    [Theory]
    [InlineData("employee1", "incidents.comment", "incidents.work")]
    [InlineData("agent1", "incidents.work", "incidents.configure")]
    [InlineData("admin", "incidents.configure", "no.such-permission")]
    public async Task One_learns_who_one_is_and_what_one_may_do(string userName, string may, string mayNot)
    {
        var answer = await suite.GetAsync(userName, "me");
        var me = answer.Ok();
        var person = (await suite.GetAsync("admin", "people/" + userName)).Ok();

        Assert.Equal((person.Id, userName, person.Text("name"), person.TextOrNull("mail"), person.TextOrNull("site")),
            (me.Id, me.Text("userName"), me.Text("name"), me.TextOrNull("mail"), me.TextOrNull("site")));
        Assert.Equal(Texts(person["roles"]).Order(StringComparer.Ordinal), Texts(me["roles"]));
        var groups = (await suite.GetAsync("admin", "groups?limit=200&fields=key,name,members")).Ok().Items.Where(group =>
            Texts(group["members"]).Contains(person.Id)).Select(group => (group.Id, group.Text("key"), group.Text("name")));
        Assert.Equal(groups.OrderBy(group => group.Item2, StringComparer.Ordinal),
            me["groups"]!.AsArray().Select(group => (group!.AsObject().Id, group.AsObject().Text("key"), group.AsObject().Text("name"))));
        var permissions = Texts(me["permissions"]).ToList();
        Assert.Equal(permissions.Distinct().Order(StringComparer.Ordinal), permissions);
        Assert.Contains(may, permissions);
        Assert.DoesNotContain(mayNot, permissions);
        Assert.Null(me["incomplete"]);
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
    }

    [Fact]
    public async Task Without_a_person_there_is_no_answer_and_nothing_is_asked_for()
    {
        (await suite.GetAsync("", "me")).Problem(401);
        (await suite.GetAsync("nobody-we-know", "me")).Problem(403);
        Assert.Contains("?expand", (await suite.GetAsync("agent1", "me?expand=groups")).Problem(400).ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>The merged contract has the route once: each process says the same of it.</summary>
    [Fact]
    public async Task The_contract_says_that_a_part_may_be_missing()
    {
        var document = await suite.UntilAsync("", "/openapi/v1.json", document => document["x-unavailable"] is null);
        Assert.Equal("GetMe", document["paths"]!["/api/v1/me"]!["get"]!.AsObject().Text("operationId"));
        Assert.Equal(["groups", "id", "name", "permissions", "roles", "userName"],
            Texts(document["components"]!["schemas"]!["Me"]!["required"]).Order());
        Assert.NotNull(document["components"]!["schemas"]!["Me"]!["properties"]!["incomplete"]);
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(text => text!.GetValue<string>());
}
