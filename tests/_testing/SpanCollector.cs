using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Itsm.Testing;

/// <summary>Takes what services export by OTLP (http/protobuf) and keeps the spans.</summary>
public sealed class SpanCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Span> _spans = new();

    private SpanCollector(WebApplication app) => _app = app;

    /// <summary>For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public string Endpoint => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>What came so far.</summary>
    public IReadOnlyCollection<Span> Spans => _spans;

    public static async Task<SpanCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var collector = new SpanCollector(app);
        app.MapPost("/v1/traces", collector.TakeAsync);
        app.MapPost("/v1/{**others}", () => Results.Ok());
        await app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await using var stream = context.Request.Headers.ContentEncoding == "gzip"
            ? new GZipStream(context.Request.Body, CompressionMode.Decompress)
            : context.Request.Body;
        await stream.CopyToAsync(body);
        foreach (var resource in Fields(body.ToArray(), 1))
        {
            var service = Fields(resource, 1).SelectMany(attributes => Fields(attributes, 1))
                .Where(attribute => TextOf(attribute, 1) == "service.name")
                .Select(attribute => TextOf(Fields(attribute, 2).Single(), 1)).FirstOrDefault("");
            foreach (var span in Fields(resource, 2).SelectMany(scope => Fields(scope, 2)))
            {
                _spans.Enqueue(new Span(service, Hex(span, 1), Hex(span, 2), Hex(span, 4), TextOf(span, 5))
                {
                    Text = Encoding.UTF8.GetString(span.Span),
                });
            }
        }
    }

    private static string TextOf(ReadOnlyMemory<byte> message, int field) =>
        Fields(message, field).Select(value => Encoding.UTF8.GetString(value.Span)).FirstOrDefault("");

    private static string Hex(ReadOnlyMemory<byte> message, int field) =>
        Fields(message, field).Select(value => Convert.ToHexStringLower(value.Span)).FirstOrDefault("");

    /// <summary>The length-delimited fields of a protobuf message that have this number.</summary>
    private static List<ReadOnlyMemory<byte>> Fields(ReadOnlyMemory<byte> message, int field)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message.Span, ref at);
            var length = (tag & 7) switch { 0 => 0, 1 => 8, 5 => 4, _ => -1 };
            if (length == 0)
            {
                Varint(message.Span, ref at);
                continue;
            }

            if (length < 0)
            {
                length = (int)Varint(message.Span, ref at);
                if ((int)(tag >> 3) == field)
                {
                    found.Add(message.Slice(at, length));
                }
            }

            at += length;
        }

        return found;
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var (value, shift) = (0UL, 0);
        while (true)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }

            shift += 7;
        }
    }

    /// <summary>One span as exported; ids in hex, the parent empty for a root.</summary>
    public sealed record Span(string Service, string TraceId, string SpanId, string ParentSpanId, string Name)
    {
        /// <summary>All texts in it, among other bytes.</summary>
        public required string Text { get; init; }
    }
}
