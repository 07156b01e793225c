using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Http;

/// <summary>JSON in a pooled buffer, sent with its length in one write.</summary>
internal static class JsonAnswer
{
    public static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Utf8JsonWriter? _spare;

    public static byte[] ToBytes(Action<Utf8JsonWriter> write)
    {
        using var buffer = new PooledBuffer(1024);
        Write(buffer, write);
        return buffer.Written.ToArray();
    }

    public static async Task SendAsync(HttpResponse response, Action<Utf8JsonWriter> write, int expectedSize)
    {
        using var buffer = new PooledBuffer(expectedSize);
        Write(buffer, write);
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = buffer.Written.Length;
        await response.BodyWriter.WriteAsync(buffer.Written, response.HttpContext.RequestAborted);
    }

    /// <summary>Writes one JSON value.</summary>
    public static void Write(IBufferWriter<byte> buffer, Action<Utf8JsonWriter> write)
    {
        // Values may be written within values; a writer that failed half way is not used again.
        var writer = _spare ?? new Utf8JsonWriter(buffer, Options);
        _spare = null;
        writer.Reset(buffer);
        write(writer);
        writer.Flush();
        _spare = writer;
    }
}
