using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Itsm.Platform.Http;

/// <summary>What a write answers, now or again.</summary>
internal sealed record WrittenAnswer(int Status, string? Location, string? Tag, byte[] Body, bool Replayed) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.Headers.ETag = Tag;
        if (Location is not null)
        {
            response.Headers.Location = Location;
        }

        if (Replayed)
        {
            response.Headers["Idempotent-Replayed"] = "true";
        }

        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = Body.Length;
        await response.BodyWriter.WriteAsync(Body, httpContext.RequestAborted);
    }
}

/// <summary>A part of a changed thing, as its own routes show it.</summary>
/// <param name="Value">Is answered by its own type.</param>
/// <param name="Name">Of a new one, the end of its address: then the answer is 201.</param>
public sealed record ChangedPart(object Value, string? Name = null)
{
    internal byte[] ToJson(IServiceProvider services) =>
        JsonSerializer.SerializeToUtf8Bytes(Value, services.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions);
}
