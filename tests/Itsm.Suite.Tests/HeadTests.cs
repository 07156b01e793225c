using System.Net;
using System.Text;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>HEAD tells what GET would answer.</summary>
[Collection(WholeSuite.Name)]
public sealed class HeadTests(RunningSuite suite)
{
    [Theory]
    [InlineData("/api/v1/incidents/{id}?fields=number,title")]
    [InlineData("/api/v1/incidents?limit=1")]
    [InlineData("/api/v1/incidents/counts?by=state")]
    [InlineData("/api/v1/incidents/{id}/history")]
    [InlineData("/api/v1/incidents/export?format=ndjson")]
    [InlineData("/api/v1/incidents/export?format=xlsx")]
    [InlineData("/api/v1/incidents/{id}/attachments/{attachment}/content")]
    [InlineData("/api/v1/people/imports/sample")]
    [InlineData("/api/v1/labels")]
    [InlineData("/api/v1/me")]
    [InlineData("/api/v1/me/work")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/alive")]
    public async Task What_can_be_read_answers_the_same_headers_and_no_body(string path)
    {
        var incident = await suite.OpenAsync();
        using var file = new ByteArrayContent(Encoding.UTF8.GetBytes("It burns."));
        file.Headers.ContentType = new("text/plain");
        var attachment = (await suite.PostAsync("employee1", $"incidents/{incident.Id}/attachments",
            new MultipartFormDataContent { { file, "file", "notes.txt" } })).Ok();
        var address = path.Replace("{id}", incident.Id, StringComparison.Ordinal)
            .Replace("{attachment}", attachment.Id, StringComparison.Ordinal);
        using var read = await AskAsync(HttpMethod.Get, address);
        using var asked = await AskAsync(HttpMethod.Head, address);

        Assert.Equal((HttpStatusCode.OK, read.Headers.ETag, read.Content.Headers.ContentType, read.Content.Headers.ContentDisposition),
            (asked.StatusCode, asked.Headers.ETag, asked.Content.Headers.ContentType, asked.Content.Headers.ContentDisposition));
        Assert.Empty(await asked.Content.ReadAsByteArrayAsync());
        if (path.EndsWith("/content", StringComparison.Ordinal))
        {
            Assert.Equal(9, asked.Content.Headers.ContentLength);
        }
    }

    [Fact]
    public async Task What_can_not_be_read_is_refused_as_GET_is()
    {
        var incident = await suite.OpenAsync("employee1", new { title = "Only for me", confidential = true });
        var path = $"incidents/{incident.Id}?fields=number,title";
        Assert.Equal((404, 404, 400, 401), (
            (int)(await suite.SendAsync("employee2", HttpMethod.Head, $"incidents/{incident.Id}")).Status,
            (int)(await suite.SendAsync("admin", HttpMethod.Head, $"incidents/{Guid.Empty}")).Status,
            (int)(await suite.SendAsync("admin", HttpMethod.Head, "incidents?color=red")).Status,
            (int)(await suite.SendAsync("", HttpMethod.Head, "incidents")).Status));
        using var known = new HttpRequestMessage(HttpMethod.Head, $"/api/v1/{path}");
        known.Headers.TryAddWithoutValidation("If-None-Match", (await suite.GetAsync("employee1", path)).Tag);
        using var unchanged = await suite.As("employee1").SendAsync(known);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Theory, InlineData("stream"), InlineData("stream/tickets"), InlineData("incidents/INC0001001/resolve")]
    public async Task What_has_no_end_or_is_no_read_answers_as_any_method_that_is_not_possible(string path) =>
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await suite.SendAsync("agent1", HttpMethod.Head, path)).Status);

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string address)
    {
        using var request = new HttpRequestMessage(method, address);
        return await suite.As("admin").SendAsync(request);
    }
}
