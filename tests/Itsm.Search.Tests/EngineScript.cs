using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;

namespace Itsm.Search.Tests;

/// <summary>In the place of a search engine: answers in the order given, and remembers what was asked; with no answer left it is away.
/// </summary>
internal sealed class EngineScript : HttpMessageHandler
{
    private readonly Queue<(string Text, int Status)> _answers = new();

    public List<Sent> Requests { get; } = [];

    /// <summary>Hosts that do not answer.</summary>
    public List<string> Away { get; } = [];

    public EngineScript Answers(string text, int status = 200)
    {
        _answers.Enqueue((text, status));
        return this;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Away.Contains(request.RequestUri!.Host))
        {
            throw new HttpRequestException("Connection refused");
        }

        Requests.Add(new Sent(
            $"{request.Method} {request.RequestUri.PathAndQuery}", await BodyAsync(request.Content),
            request.Content?.Headers.ContentType?.MediaType, request.Headers.Authorization?.ToString(),
            request.Content?.Headers.ContentEncoding.SingleOrDefault()));
        return _answers.TryDequeue(out var answer)
            ? new HttpResponseMessage((HttpStatusCode)answer.Status)
            {
                Content = new StringContent(answer.Text, null, answer.Text[0] == '{' ? "application/json" : "text/html"),
            }
            : throw new HttpRequestException("Connection refused");
    }

    private static async Task<string> BodyAsync(HttpContent? content)
    {
        if (content?.Headers.ContentEncoding.Contains("gzip") != true)
        {
            return content is null ? "" : await content.ReadAsStringAsync();
        }

        await using var plain = new GZipStream(await content.ReadAsStreamAsync(), CompressionMode.Decompress);
        using var reader = new StreamReader(plain);
        return await reader.ReadToEndAsync();
    }

    /// <summary>A request.</summary>
    internal sealed record Sent(string Line, string Body, string? Type, string? Authorization, string? Encoding)
    {
        public JsonNode Json => JsonNode.Parse(Body)!;
    }
}
