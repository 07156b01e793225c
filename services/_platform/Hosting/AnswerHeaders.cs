using Itsm.Platform.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Itsm.Platform.Hosting;

/// <summary>Declares the headers of answers.</summary>
internal static class AnswerHeaders
{
    public static void AddAnswerHeaders(this OpenApiOptions options) => options.AddOperationTransformer((operation, context, _) =>
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var query = metadata.OfType<QueryParameters>().FirstOrDefault();
        var isTagged = metadata.Any(one => one is Precondition or SingleRead or TaggedRoute);
        foreach (var (status, response) in operation.Responses ?? [])
        {
            var isDone = status[0] == '2';
            if (isDone && context.Description.HttpMethod == "POST")
            {
                Has(response, "Idempotent-Replayed", "true where this is the first answer to the Idempotency-Key, given again.");
            }

            if ((isDone && isTagged) || status is "201" or "202" or "304" or "412")
            {
                Has(response, "ETag", "The version; for If-Match and, of a read, If-None-Match.");
            }

            if (status is "201" or "202")
            {
                Has(response, "Location", "The address of what was created.");
            }

            if (isDone && query?.ByName.ContainsKey("cursor") == true)
            {
                Has(response, "Link", "The next page, as rel=\"next\"; absent on the last.");
            }

            if (status[0] is '4' or '5')
            {
                Has(response, "Content-Language",
                    "The language of the words: what the caller prefers, else what Accept-Language asks for, else English. What the "
                    + "gateway itself refuses is in what Accept-Language asks for.");
            }

            if (status is "429" or "503")
            {
                Has(response, "Retry-After", "Seconds until a further try may succeed.");
            }
        }

        return Task.CompletedTask;
    });

    private static void Has(IOpenApiResponse response, string name, string what)
    {
        if (response is OpenApiResponse own)
        {
            (own.Headers ??= new Dictionary<string, IOpenApiHeader>()).TryAdd(
                name, new OpenApiHeader { Description = what, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
        }
    }
}
