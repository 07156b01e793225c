using System.Text.Json.Nodes;
using Itsm.AppHost;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

public sealed class OpenApiTests(RunningSuite suite)
{
    [Fact]
    public async Task The_document_describes_every_route_of_all_services()
    {
        var document = (await suite.GetAsync("", "/openapi/v1.json")).Ok();
        Assert.StartsWith("3.1", document.Text("openapi"), StringComparison.Ordinal);
        var operations = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Where(member => member.Key is "get" or "post" or "put" or "patch" or "delete")
            .Select(member => (Name: $"{member.Key} {path.Key}", Operation: member.Value!.AsObject()))).ToList();
        Assert.All(["post /api/v1/incidents", "get /api/v1/people", "put /api/v1/priority-matrix"], name => Assert.Contains(name, operations.Select(one => one.Name)));
        Assert.All(operations, one =>
        {
            Assert.False(string.IsNullOrEmpty(one.Operation.TextOrNull("summary")), one.Name);
            Assert.False(string.IsNullOrEmpty(one.Operation.TextOrNull("operationId")), one.Name);
            Assert.All(["400", "401", "403", "404"], status => Assert.True(one.Operation["responses"]!.AsObject().ContainsKey(status), $"{one.Name} {status}"));
            Assert.Contains(one.Operation["responses"]!.AsObject(), answer => answer.Key[0] == '2');
        });
        Assert.Empty(operations.GroupBy(one => one.Operation.Text("operationId")).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Fact]
    public async Task Members_and_words_of_the_contract_are_explained()
    {
        var schemas = (await suite.GetAsync("", "/openapi/v1.json")).Ok()["components"]!["schemas"]!.AsObject();
        Assert.Equal("Id or key of the catalog item.", schemas["OrderItemRequest"]!["properties"]!["item"]!.AsObject().Text("description"));
        Assert.Contains("- `onHold`: Waits for somebody else.", schemas["RequestState"]!.AsObject().Text("description"), StringComparison.Ordinal);
        Assert.Equal("Where it stands; moves by actions only.", schemas["ServiceRequest"]!["properties"]!["state"]!.AsObject().Text("description"));
        Assert.Equal("In plain words.", schemas["ShowProgressOrdered"]!["properties"]!["waitingFor"]!.AsObject().Text("description"));
    }

    [Fact]
    public async Task Durations_and_members_of_merge_patches_say_what_they_take()
    {
        var schemas = (await suite.GetAsync("", "/openapi/v1.json")).Ok()["components"]!["schemas"]!;
        var delivery = schemas["ItemContent"]!["properties"]!["expectedDelivery"]!.AsObject();
        Assert.Equal("duration", delivery.Text("format"));
        Assert.Equal(["null", "string"], delivery["type"]!.AsArray().Select(one => one!.GetValue<string>()).Order());

        var request = schemas["ServiceRequest"]!["properties"]!.AsObject();
        Assert.Equal(("string", "date-time"), (request["stateSince"]!.AsObject().Text("type"), request["stateSince"]!.AsObject().Text("format")));
        Assert.Equal((true, false), (request.ContainsKey("actions"), request.ContainsKey("barred")));
        Assert.DoesNotContain("assignee", schemas["ShowProgressStep"]!["required"]!.AsArray().Select(name => name!.GetValue<string>()));

        var (title, description) = (schemas["EditIncidentRequest"]!["properties"]!["title"]!, schemas["EditRequestRequest"]!["properties"]!["description"]!);
        Assert.Equal((200, 32_000), (title["maxLength"]!.GetValue<int>(), description["maxLength"]!.GetValue<int>()));
        Assert.Equal(["null", "string"], description["type"]!.AsArray().Select(one => one!.GetValue<string>()).Order());
    }

    [Theory]
    [InlineData("/docs")]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Documentation_and_health_answer_anybody(string path) => Assert.Equal(200, (int)(await suite.GetAsync("", path)).Status);

    [Fact]
    public async Task Outside_development_the_start_is_refused_with_the_setting_that_is_missing()
    {
        var folder = Path.Combine(suite.Data, "production");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => AppHost.AppHost.StartAsync(new AppHost.AppHost.Options
        {
            Port = 0, Data = folder, Configure = builder => builder.Environment.EnvironmentName = "Production",
        }));
        Assert.Matches("^[A-Z][A-Za-z]+:[A-Za-z]+ is missing", refused.Message);
    }
}
