using System.IO.Compression;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Itsm.Gateway.Tests;

public sealed class CompressionTests
{
    private static readonly HttpClient Client = new();
    private static readonly string Large = $$"""{"items":["{{new string('x', 50_000)}}"]}""";

    [Theory]
    [InlineData("br, gzip", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("br;q=0.2, gzip;q=0.9", "gzip")]
    [InlineData("zstd", null)]
    [InlineData(null, null)]
    public async Task A_large_answer_comes_as_the_caller_accepts_it_with_its_tag(string? accepted, string? encoding)
    {
        await using var door = await Door.OpenAsync(Serve);
        using var answer = await GetAsync(door, "incidents", accepted);
        Assert.Equal((encoding, "\"7.1-a\"", Large), (Encoding(answer), answer.Headers.ETag?.ToString(), await TextAsync(answer)));
        Assert.Equal(encoding is not null, answer.Content.Headers.ContentLength is null);
        Assert.Equal(accepted is not null, answer.Headers.Vary.Contains("Accept-Encoding"));
    }

    [Theory]
    [InlineData("incidents/export", "br")]
    [InlineData("incidents/problem", "br")]
    [InlineData("incidents/table", "br")]
    [InlineData("incidents/small", null)]
    [InlineData("incidents/image", null)]
    [InlineData("incidents/same", null)]
    public async Task Only_what_is_worth_it_is_compressed(string path, string? encoding)
    {
        await using var door = await Door.OpenAsync(Serve);
        using var answer = await GetAsync(door, path, "br");
        Assert.Equal(encoding, Encoding(answer));
        Assert.Equal(path == "incidents/same" ? ("\"7\"", "") : (null, Large[..(path == "incidents/small" ? 20 : Large.Length)]),
            (answer.Headers.ETag?.ToString(), await TextAsync(answer)));
    }

    [Fact]
    public async Task An_event_comes_while_the_stream_is_open()
    {
        var read = new TaskCompletionSource();
        await using var door = await Door.OpenAsync(app => app.MapGet("/api/v1/incidents", async (HttpContext context) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: 1\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await read.Task.WaitAsync(context.RequestAborted);
        }));
        using var answer = await GetAsync(door, "incidents", "br");
        Assert.Null(Encoding(answer));
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal("data: 1", await reader.ReadLineAsync());
        read.SetResult();
    }

    private static void Serve(WebApplication app)
    {
        Answer("/api/v1/incidents", "application/json; charset=utf-8", Large, context =>
            (context.Response.ContentLength, context.Response.Headers.ETag) = (Large.Length, "\"7.1-a\""));
        Answer("/api/v1/incidents/export", "application/x-ndjson; charset=utf-8", Large);
        Answer("/api/v1/incidents/problem", "application/problem+json", Large);
        Answer("/api/v1/incidents/table", "text/csv; charset=utf-8", Large);
        Answer("/api/v1/incidents/image", "image/png", Large);
        Answer("/api/v1/incidents/small", "application/json", Large[..20], context => context.Response.ContentLength = 20);
        app.MapGet("/api/v1/incidents/same", (HttpContext context) =>
        {
            context.Response.Headers.ETag = "\"7\"";
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        });

        void Answer(string path, string type, string text, Action<HttpContext>? also = null) => app.MapGet(path, (HttpContext context) =>
        {
            context.Response.ContentType = type;
            also?.Invoke(context);
            return context.Response.WriteAsync(text);
        });
    }

    private static string? Encoding(HttpResponseMessage answer) => answer.Content.Headers.ContentEncoding.SingleOrDefault();

    private static async Task<string> TextAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStreamAsync();
        using var reader = new StreamReader(Encoding(answer) switch
        {
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => body,
        });
        return await reader.ReadToEndAsync();
    }

    private static async Task<HttpResponseMessage> GetAsync(Door door, string path, string? accepted)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(door.Address, "/api/v1/" + path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", door.Token());
        if (accepted is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
