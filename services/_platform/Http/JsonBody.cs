using System.Buffers;
using System.Text.Json;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace Itsm.Platform.Http;

/// <summary>Looks through a JSON body before any object is built of it: what is too deep or has too many parts costs its own bytes and no
/// more.</summary>
internal static class JsonBody
{
    /// <summary>Bytes that a body has at most, where its route says nothing else.</summary>
    public const int Most = 1_000_000;

    /// <summary>What it is sent as.</summary>
    public const string MediaType = "application/json";

    private const int BufferSize = 16 * 1024;
    private const int Deepest = 32;
    private const int MostMembers = 1_000;
    private const int MostItems = 10_000;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = Deepest + 1 };

    public static IApplicationBuilder UseJsonBodies(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<StreamedBody>() is not null)
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        }
        else if (MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && IsJson(type))
        {
            if (type.Charset.HasValue && !type.Charset.Value.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            {
                throw new HttpProblemException(Problems.Create(415, "unsupported-media-type", $"Unsupported media type",
                    $"JSON is in UTF-8, not in {type.Charset.Value}."));
            }

            var body = await ReadAsync(context);
            Check(body);
            context.Request.Body = new MemoryStream(body, writable: false);
        }

        await next(context);
    });

    private static bool IsJson(MediaTypeHeaderValue type) =>
        type.SubTypeWithoutSuffix.Equals("json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);

    /// <summary>The server's own limit would break off the connection in the middle of the body, and the answer with it.</summary>
    private static async Task<byte[]> ReadAsync(HttpContext context)
    {
        var most = context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize ?? Most;
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        var length = context.Request.ContentLength ?? 0;
        using var body = new MemoryStream((int)Math.Min(length, most));
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int read;
            while (length <= most && (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                body.Write(buffer, 0, read);
                length = Math.Max(length, body.Length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return length <= most ? body.ToArray()
            : throw new HttpProblemException(Problems.Create(413, "body-too-large", $"Body too large",
                $"The body has more than the {most} bytes that this route takes."));
    }

    /// <summary>What is not well-formed is left to whoever reads it: they say more of it.</summary>
    private static void Check(ReadOnlySpan<byte> body)
    {
        Span<int> parts = stackalloc int[Deepest + 2];
        var arrays = new bool[Deepest + 2];
        var reader = new Utf8JsonReader(body, Options);
        while (TryRead(ref reader))
        {
            var inside = reader.CurrentDepth;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName when ++parts[inside] > MostMembers:
                    throw HttpProblemException.Invalid("", FieldCode.TooMany, $"An object has more than {MostMembers} members.");
                case JsonTokenType.PropertyName or JsonTokenType.EndObject or JsonTokenType.EndArray:
                    continue;
            }

            if (inside > 0 && arrays[inside] && ++parts[inside] > MostItems)
            {
                throw HttpProblemException.Invalid("", FieldCode.TooMany, $"A list has more than {MostItems} items.");
            }

            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                if (inside == Deepest)
                {
                    throw HttpProblemException.Invalid("", FieldCode.TooMany, $"The body is nested more than {Deepest} levels deep.");
                }

                (parts[inside + 1], arrays[inside + 1]) = (0, reader.TokenType == JsonTokenType.StartArray);
            }
        }
    }

    private static bool TryRead(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
