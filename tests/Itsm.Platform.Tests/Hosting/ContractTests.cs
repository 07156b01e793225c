using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Platform.Tests.Hosting;

public sealed class ContractTests
{
    private static readonly Contract Things = Contract.Of(JsonNode.Parse("""
        {
          "paths": {
            "/things": { "get": { "responses": { "200": { "headers": { "Link": {} }, "content": { "application/json": { "schema": {
              "type": "object", "required": ["items"], "properties": {
                "items": { "type": "array", "items": { "$ref": "#/components/schemas/Thing" } } } } } } } } } },
            "/things/{id}": {
              "get": { "responses": {
                "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
                "404": { "description": "Not there." } } } },
            "/things/stream": { "get": {
              "x-events": { "thing": { "$ref": "#/components/schemas/Thing" } },
              "responses": { "200": { "content": { "text/event-stream": { "schema": { "type": "string" } } } } } } }
          },
          "components": { "schemas": { "Thing": {
            "type": "object", "required": ["id", "name"], "additionalProperties": false, "properties": {
              "id": { "type": "string", "format": "uuid" }, "name": { "type": "string" },
              "lasts": { "type": "string", "format": "duration" },
              "parent": { "$ref": "#/components/schemas/Thing" } } } } }
        }
        """)!.AsObject());

    [Theory]
    [InlineData("/things/1", 200, """{"id":"0197b3a0-0000-7000-8000-000000000000","name":"x","lasts":"PT2H0M5S"}""", null)]
    [InlineData("/things/1", 200, """{"id":"0197b3a0-0000-7000-8000-000000000000"}""", """(the whole): Required properties ["name"]""")]
    [InlineData("/things/1?fields=id", 200, """{"id":"0197b3a0-0000-7000-8000-000000000000"}""", null)]
    [InlineData("/things?fields=id", 200, """{"items":[{"id":"0197b3a0-0000-7000-8000-000000000000"}]}""", null)]
    [InlineData("/things?fields=id", 200, """{"items":[{"parent":{}}]}""", "/items/0/parent: Required properties")]
    [InlineData("/things/1", 200, """{"id":"1","name":"x"}""", "/id: ")]
    [InlineData("/things/1", 200, """{"id":"0197b3a0-0000-7000-8000-000000000000","name":null}""", "/name: ")]
    [InlineData("/things/1", 200, """{"id":"0197b3a0-0000-7000-8000-000000000000","name":"x","size":1}""", "/size: ")]
    [InlineData("/things/1", 200, """{"id":"0197b3a0-0000-7000-8000-000000000000","name":"x","lasts":"PT0.5S"}""", "/lasts: ")]
    [InlineData("/things/1", 404, "{}", null)]
    [InlineData("/things/1", 409, "{}", "declares no 409, only 200, 404")]
    [InlineData("/things/stream", 200, "{}", "declares text/event-stream, but application/json came")]
    [InlineData("/others", 200, "{}", "is no operation")]
    [InlineData("/others", 404, "{}", null)]
    public void Answers_that_are_not_as_declared_are_told(string path, int status, string json, string? fault)
    {
        using var answer = Answer(path, status, json);
        var found = Things.FaultOf(answer, Encoding.UTF8.GetBytes(json));
        if (fault is null)
        {
            Assert.Null(found);
        }
        else
        {
            Assert.Contains(fault, found, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_header_that_is_not_declared_is_told()
    {
        using var answer = Answer("/things", 200, """{"items":[]}""");
        answer.Headers.Add("Link", "<>");
        Assert.Null(Things.FaultOf(answer, null));
        answer.Headers.TryAddWithoutValidation("ETag", "\"1\"");
        Assert.Equal("declares no ETag", Things.FaultOf(answer, null));
    }

    [Fact]
    public void An_event_that_is_not_as_declared_is_told()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://test/things/stream");
        Assert.Null(Things.FaultOfEvent(request, "thing", """{"id":"0197b3a0-0000-7000-8000-000000000000","name":"x"}"""));
        Assert.Contains("/name: ", Things.FaultOfEvent(request, "thing", """{"id":"0197b3a0-0000-7000-8000-000000000000","name":1}"""),
            StringComparison.Ordinal);
        Assert.Contains("no event other", Things.FaultOfEvent(request, "other", "{}"), StringComparison.Ordinal);
    }

    private static HttpResponseMessage Answer(string path, int status, string json) => new((HttpStatusCode)status)
    {
        RequestMessage = new HttpRequestMessage(HttpMethod.Get, "http://test" + path),
        Content = new StringContent(json, Encoding.UTF8, "application/json"),
    };
}
