using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;

namespace Itsm.Gateway.Tests;

public sealed class ContractTests
{
    private static Action<WebApplication> Service(string path, string schema) => app =>
    {
        app.MapGet("/openapi/v1.json", () => new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["paths"] = new JsonObject { [path] = new JsonObject { ["get"] = new JsonObject { ["operationId"] = path } } },
            ["components"] = new JsonObject
            {
                ["schemas"] =
                    new JsonObject { [schema] = new JsonObject { ["type"] = "object" }, ["Both"] = new JsonObject { ["type"] = "string" } },
            },
            ["tags"] = new JsonArray(new JsonObject { ["name"] = schema }),
        });
        app.MapGet("/health", () => new { status = "Healthy" });
    };

    [Fact]
    public async Task One_document_has_the_routes_and_words_of_all_services()
    {
        await using var door = await Door.OpenAsync(Service("/api/v1/incidents", "Incident"), Service("/api/v1/people", "Person"));

        var document = (await door.GetAsync("/openapi/v1.json", token: null)).Ok();

        Assert.StartsWith("3.1", document["openapi"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(["/api/v1/incidents", "/api/v1/people"], document["paths"]!.AsObject().Select(path => path.Key).Order());
        Assert.Equal(["Both", "Incident", "Person"], document["components"]!["schemas"]!.AsObject().Select(schema => schema.Key).Order());
        Assert.NotNull(document["components"]!["securitySchemes"]!["bearer"]);
        Assert.StartsWith("http://127.0.0.1", document["servers"]![0]!["url"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_operation_has_what_the_gateway_itself_may_answer()
    {
        await using var door = await Door.OpenAsync(Service("/api/v1/incidents", "Incident"));

        var answers = (await door.GetAsync("/openapi/v1.json", token: null)).Ok()["paths"]!["/api/v1/incidents"]!["get"]!["responses"]!
            .AsObject();

        Assert.Equal(["400", "401", "414", "429", "431", "500", "502", "503", "504"], answers.Select(answer => answer.Key).Order());
        Assert.All(answers, answer => Assert.Equal("#/components/schemas/ProblemDetails",
            answer.Value!["content"]!["application/problem+json"]!["schema"]!["$ref"]!.GetValue<string>()));
        Assert.Contains("`service-timeout`", answers["504"]!["description"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_without_its_document_is_named_and_the_others_are_shown()
    {
        await using var door = await Door.OpenAsync(Service("/api/v1/incidents", "Incident"), app =>
            app.MapGet("/other", () => "no document here"));

        var document = (await door.GetAsync("/openapi/v1.json", token: null)).Ok();

        Assert.Single(document["x-unavailable"]!.AsArray());
        Assert.NotNull(document["paths"]!["/api/v1/incidents"]);
    }

    [Fact]
    public async Task The_documentation_page_and_the_health_of_the_whole_are_open_to_anybody()
    {
        await using var door = await Door.OpenAsync(Service("/api/v1/incidents", "Incident"));

        Assert.Contains("<html", (await door.GetAsync("/docs/", token: null)).Text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("html", (await door.GetAsync("/", token: null)).Text, StringComparison.OrdinalIgnoreCase);
        var guide = (await door.GetAsync("/openapi/v1.json", token: null)).Ok()["info"]!["description"]!.GetValue<string>();
        Assert.All(new[] { "/dev/token", "If-Match", "cursor", "code", "Last-Event-ID" },
            word => Assert.Contains(word, guide, StringComparison.Ordinal));
        Assert.Equal("Healthy", (await door.GetAsync("/health", token: null)).Ok()["status"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await door.GetAsync("/alive", token: null)).Status);
    }
}
