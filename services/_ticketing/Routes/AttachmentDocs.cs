using Itsm.Platform.Errors;
using Itsm.Ticketing.Attachments;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Itsm.Ticketing.Routes;

/// <summary>What the contract says of bodies that are files.</summary>
internal static class AttachmentDocs
{
    private const string Any = "*/*";

    public static Task DescribeBody(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        operation.RequestBody =
            Body("The file itself, of any type, with `fileName` in the query; or a form with the file as its part `file`.");
        operation.RequestBody.Content![UploadedFile.Form] = new OpenApiMediaType
        {
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Object, Required = new HashSet<string> { "file" },
                Properties = new Dictionary<string, IOpenApiSchema> { ["file"] = Bytes() },
            },
        };
        return TooLarge(operation, context);
    }

    public static Task DescribePart(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        operation.RequestBody = Body("The bytes of the range.");
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = "Content-Range", In = ParameterLocation.Header, Required = true, Description = "Which bytes these are.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^bytes [0-9]+-[0-9]+/[0-9]+$" },
            Example = "bytes 0-1048575/734003200",
        });
        return TooLarge(operation, context);
    }

    public static Task DescribeContent(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var tag = new Dictionary<string, IOpenApiHeader>
        {
            ["ETag"] = new OpenApiHeader { Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Description = "Of the content." },
        };
        foreach (var (status, says) in new[]
        {
            ("200", "The whole."), ("206", "The range that was asked for."), ("304", "It is what the caller has."),
            ("416", "There is no such range."),
        })
        {
            (operation.Responses ??= [])[status] = new OpenApiResponse
            {
                Description = says, Headers = tag,
                Content = status[0] == '2'
                    ? new Dictionary<string, OpenApiMediaType> { [Any] = new() { Schema = Bytes() } } : null,
            };
        }

        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = "Range", In = ParameterLocation.Header, Description = "Bytes to read.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^bytes=.+$" }, Example = "bytes=0-1048575",
        });
        return Task.CompletedTask;
    }

    private static OpenApiRequestBody Body(string says) => new()
    {
        Required = true, Description = says, Content = new Dictionary<string, OpenApiMediaType> { [Any] = new() { Schema = Bytes() } },
    };

    private static OpenApiSchema Bytes() => new() { Type = JsonSchemaType.String, Format = "binary" };

    private static Task TooLarge(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        const int status = 413;
        operation.Responses![$"{status}"] = new OpenApiResponse
        {
            Description = Problems.Meanings[status],
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [ProblemDetails.MediaType] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemDetails), context.Document) },
            },
        };
        return Task.CompletedTask;
    }
}
