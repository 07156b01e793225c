using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Itsm.AppHost;
using Itsm.Requests.Ordering;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

[Collection(WholeSuite.Name)]
public sealed class OpenApiTests(RunningSuite suite)
{
    [Fact]
    public async Task The_document_describes_every_route_of_all_services()
    {
        var document = await DocumentAsync();
        Assert.StartsWith("3.1", document.Text("openapi"), StringComparison.Ordinal);
        var operations = Operation.AllOf(document).Select(one => (Name: $"{one.Method} {one.Path}", Operation: one.Described)).ToList();
        Assert.All(["POST /api/v1/incidents", "GET /api/v1/people", "PUT /api/v1/priority-matrix"], name =>
            Assert.Contains(name, operations.Select(one => one.Name)));
        Assert.All(operations, one =>
        {
            Assert.False(string.IsNullOrEmpty(one.Operation.TextOrNull("summary")), one.Name);
            Assert.False(string.IsNullOrEmpty(one.Operation.TextOrNull("operationId")), one.Name);
            Assert.All(["400", "401", "403", "404"], status =>
                Assert.True(one.Operation["responses"]!.AsObject().ContainsKey(status), $"{one.Name} {status}"));
            Assert.Contains(one.Operation["responses"]!.AsObject(), answer => answer.Key[0] == '2');
        });
        Assert.All(document["components"]!["schemas"]!.AsObject().Select(schema => schema.Key), name =>
            Assert.Matches("^[A-Z][A-Za-z0-9]*$", name));
        Assert.Empty(operations.GroupBy(one => one.Operation.Text("operationId")).Where(group => group.Count() > 1)
            .Select(group => group.Key));
    }

    /// <summary>Whoever copies an example meets no error of form, and what it names is there in the demo organisation.</summary>
    [Fact]
    public async Task Every_body_has_an_example_that_can_be_sent()
    {
        var document = await DocumentAsync();
        // needs a token that a call has brought
        var bodies = Operation.AllOf(document).Where(one => one.Body is not null && one.Path != "/api/v1/request-callbacks").ToList();
        Assert.True(bodies.Count > 80, $"Only {bodies.Count} bodies were found.");
        var refused = new List<string>();
        foreach (var (path, method, body) in bodies.Select(one => (one.Path, one.Method, one.Body!)))
        {
            var hasMembers =
                document["components"]!["schemas"]![body["schema"]!["$ref"]!.GetValue<string>().Split('/')[^1]]!["properties"] is not null;
            Assert.True(body["example"] is not null || !hasMembers, $"{method} {path} has no example.");
            var nobody = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
            var (address, example) = (Regex.Replace(path, @"\{\w+\}", nobody), body["example"] ?? new JsonObject());
            var answer = await suite.SendAsync("admin", method, address, example, ifMatch: "*");
            foreach (var other in new[] { "manager1", "analyst1" })
            {
                answer = answer.Status == HttpStatusCode.Forbidden
                    ? await suite.SendAsync(other, method, address, example, ifMatch: "*")
                    : answer;
            }

            // What is named in the address is not there; the index is compared already when it is to be rebuilt; and no example always lies
            // within the next year.
            if (address == path
                ? (int)answer.Status is not (>= 200 and < 300 or 409) && !answer.Text.Contains("/endsAt", StringComparison.Ordinal)
                : answer.Status != HttpStatusCode.NotFound)
            {
                refused.Add($"{method} {path}: {(int)answer.Status} {answer.Text}");
            }
        }

        Assert.Empty(refused);
    }

    /// <summary>What clients generated from the contract would drop, or not foresee.</summary>
    [Fact]
    public async Task Answers_have_no_members_that_the_contract_does_not_name()
    {
        var incident = await suite.OpenAsync();
        (await suite.PostAsync("employee1", $"incidents/{incident.Id}/comments", new { text = "It burns." })).Ok();
        await suite.UntilAsync("admin", "incidents/" + incident.Id, one => one["serviceLevels"] is not null);
        (await suite.PostAsync("employee1", "requests",
            new
            {
                item = "payroll-access",
                answers = new
                {
                    role = "reader", until = suite.Clock.GetUtcNow().AddDays(30).ToString("yyyy-MM-dd"),
                    reason = "The audit." + new string(' ', 5) + "Of the year.",
                },
            })).Ok();
        var document = await DocumentAsync();
        var reads = document["paths"]!.AsObject()
            .Where(path => path.Value!["get"]?["responses"]?["200"]?["content"]?["application/json"] is not null)
            .ToDictionary(path => path.Key, path => path.Value!["get"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]);
        var (unknown, looked) = (new SortedSet<string>(), 0);
        foreach (var (path, schema) in reads.Where(one => !one.Key.Contains('{', StringComparison.Ordinal)))
        {
            if (await LookAsync(path, path, schema) is { } list
                && list["items"] is JsonArray { Count: > 0 } items
                && items[0]!["id"] is { } id)
            {
                foreach (var (below, its) in reads.Where(one => Regex.IsMatch(one.Key, $"^{Regex.Escape(path)}/{{\\w+}}[^{{]*$")))
                {
                    await LookAsync(below, Regex.Replace(below, @"\{\w+\}", id.GetValue<string>()), its);
                }
            }
        }

        Assert.True(looked > 40, $"Only {looked} answers were looked at.");
        Assert.Empty(unknown);

        async Task<JsonObject?> LookAsync(string path, string address, JsonNode? schema)
        {
            var answer = await suite.GetAsync("admin", address);
            if (answer.Status != HttpStatusCode.OK || answer.Text.Length == 0)
            {
                return null;
            }

            looked++;
            Compare(JsonNode.Parse(answer.Text), schema, path);
            return answer.Json;
        }

        void Compare(JsonNode? value, JsonNode? schema, string at)
        {
            while (schema?["$ref"]?.GetValue<string>() is { } reference)
            {
                schema = document["components"]!["schemas"]![reference.Split('/')[^1]];
            }

            if ((schema?["oneOf"] ?? schema?["anyOf"]) is JsonArray several
                && several.FirstOrDefault(one => one?["type"]?.ToString() != "null") is { } other)
            {
                Compare(value, other, at);
            }
            else if (value is JsonArray items)
            {
                foreach (var item in items)
                {
                    Compare(item, schema?["items"], at + "[]");
                }
            }
            else if (
                value is JsonObject members && schema is JsonObject known && (known["properties"] is not null || known["type"] is not null))
            {
                foreach (var (name, member) in members)
                {
                    if (known["properties"]?[name] is { } its)
                    {
                        Compare(member, its, $"{at} {name}");
                    }
                    else if (known["additionalProperties"] is JsonObject any)
                    {
                        Compare(member, any, $"{at} {name}");
                    }
                    else if (known["properties"] is not null)
                    {
                        unknown.Add($"{at} {name}");
                    }
                }
            }
        }
    }

    [Fact]
    public async Task Members_and_words_of_the_contract_are_explained()
    {
        var schemas = (await DocumentAsync())["components"]!["schemas"]!.AsObject();
        Assert.Equal("Id or key of the catalog item.", schemas["OrderItemRequest"]!["properties"]!["item"]!.AsObject().Text("description"));
        Assert.Contains("- `onHold`: Waits for somebody else.", schemas["RequestState"]!.AsObject().Text("description"),
            StringComparison.Ordinal);
        Assert.Equal("Where it stands; moves by actions only.",
            schemas["ServiceRequest"]!["properties"]!["state"]!.AsObject().Text("description"));
        Assert.Equal("In plain words.", schemas["ShowProgressOrdered"]!["properties"]!["waitingFor"]!.AsObject().Text("description"));
    }

    [Fact]
    public async Task Durations_and_members_of_merge_patches_say_what_they_take()
    {
        var schemas = (await DocumentAsync())["components"]!["schemas"]!;
        var delivery = schemas["ItemContentInput"]!["properties"]!["expectedDelivery"]!.AsObject();
        Assert.Equal("duration", delivery.Text("format"));
        Assert.Equal("string", schemas["ItemContent"]!["properties"]!["expectedDelivery"]!.AsObject().Text("type"));
        Assert.Equal(["null", "string"], delivery["type"]!.AsArray().Select(one => one!.GetValue<string>()).Order());

        var request = schemas["ServiceRequest"]!["properties"]!.AsObject();
        Assert.Equal(("string", "date-time"),
            (request["stateSince"]!.AsObject().Text("type"), request["stateSince"]!.AsObject().Text("format")));
        Assert.Equal((true, false), (request.ContainsKey("actions"), request.ContainsKey("barred")));
        Assert.DoesNotContain("assignee", schemas["ShowProgressStep"]!["required"]!.AsArray().Select(name => name!.GetValue<string>()));

        var (title, description) = (schemas["EditIncidentRequest"]!["properties"]!["title"]!,
            schemas["EditRequestRequest"]!["properties"]!["description"]!);
        Assert.Equal((200, 32_000), (title["maxLength"]!.GetValue<int>(), description["maxLength"]!.GetValue<int>()));
        Assert.Equal(["null", "string"], description["type"]!.AsArray().Select(one => one!.GetValue<string>()).Order());
    }

    [Fact]
    public async Task Answers_require_what_is_always_sent_and_requests_what_must_be_given()
    {
        var schemas = (await DocumentAsync())["components"]!["schemas"]!;
        Assert.Empty(new[] { "id", "number", "title", "state", "watchers" }.Except(Required("Incident")));
        Assert.DoesNotContain("assignee", Required("Incident"));
        Assert.Equal(["title"], Required("OpenIncidentRequest"));
        Assert.Empty(new[] { "id", "number", "title", "state" }.Except(Required("IncidentSummary")));
        Assert.DoesNotContain("watchers", Required("IncidentSummary"));
        Assert.Equal(["items", "next"], Required("PageOfIncident"));
        Assert.Equal(["name"], Required("ItemContentInput"));
        Assert.Empty(new[] { "name", "kind", "form", "plan" }.Except(Required("ItemContent")));
        Assert.False(schemas["HistoryRoutesFieldChange"]!["properties"]!["from"]!.AsObject().ContainsKey("oneOf"));
        Assert.Equal(1_000, schemas["Incident"]!["properties"]!["watchers"]!["maxItems"]!.GetValue<int>());
        Assert.Equal(50, schemas["TaskRoutesEditRequest"]!["properties"]!["after"]!["maxItems"]!.GetValue<int>());
        Assert.StartsWith("^", schemas["WorkingHours"]!["properties"]!["from"]!.AsObject().Text("pattern"), StringComparison.Ordinal);

        IEnumerable<string> Required(string name) => schemas[name]!["required"]!.AsArray().Select(one => one!.GetValue<string>());
    }

    [Fact]
    public async Task The_stream_names_its_events_and_answers_their_headers()
    {
        var document = await DocumentAsync();
        var stream = document["paths"]!["/api/v1/stream"]!["get"]!;
        Assert.Equal(["access", "attachment", "comment", "end", "mention", "ready", "reset", "savedSearch", "serviceLevel",
            "serviceNotice", "serviceStatus", "ticket", "timer"],
            stream["x-events"]!.AsObject().Select(one => one.Key).Order());
        Assert.Equal("string", stream["responses"]!["200"]!["content"]!["text/event-stream"]!["schema"]!.AsObject().Text("type"));
        var created = document["paths"]!["/api/v1/incidents"]!["post"]!["responses"]!["201"]!["headers"]!.AsObject();
        Assert.Equal(["ETag", "Idempotent-Replayed", "Location", "RateLimit", "RateLimit-Policy"], created.Select(one => one.Key).Order());
    }

    [Theory]
    [InlineData("/docs")]
    [InlineData("/health")]
    [InlineData("/ready")]
    [InlineData("/alive")]
    public async Task Documentation_and_health_answer_anybody(string path) =>
        Assert.Equal(200, (int)(await suite.GetAsync("", path)).Status);

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

    /// <summary>The contract of all services: a busy machine may take its time to write one for the first time.</summary>
    private Task<JsonObject> DocumentAsync() => suite.UntilAsync("", "/openapi/v1.json", document => document["x-unavailable"] is null);
}
