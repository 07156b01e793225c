using System.Globalization;
using Itsm.Platform.Access;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Itsm.Platform.Hosting;

/// <summary>What the contract says of an operation: its parameters, its headers and its errors.</summary>
internal static class OperationDocs
{
    private const string Tag = "\"[^\"]*\"";

    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var (metadata, method) = (context.Description.ActionDescriptor.EndpointMetadata, context.Description.HttpMethod);
        var headers = operation.Parameters?.Where(one => one.In == ParameterLocation.Header) ?? [];
        operation.Parameters = [.. OfPath(context), .. OfQuery(metadata), .. headers];
        List<int> errors = [400, 401, 403, 404, 500, 503];
        if (metadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Security = [];
        }

        if (metadata.OfType<RequiredPermission>().FirstOrDefault() is { } permission)
        {
            operation.Description = $"{operation.Description}\n\nPermission: `{permission.Name}`.".Trim();
        }

        if (metadata.OfType<SingleRead>().Any())
        {
            operation.Parameters.Add(Header("If-None-Match", $"^(\\*|(W/)?{Tag}(, *(W/)?{Tag})*)$",
                "ETags of reads of it by this address; they begin with its version and, where it has actions, are the caller's own."));
            (operation.Responses ??= []).TryAdd("304",
                new OpenApiResponse { Description = "It is as it was with one of the ETags of If-None-Match." });
        }

        if (method == "POST")
        {
            operation.Parameters.Add(Header("Idempotency-Key", "^[ -~]{1,255}$",
                "The same key with the same request gives the first answer again; with another request 422."));
            errors.AddRange([422, 429]);
        }

        if (metadata.OfType<Precondition>().Any())
        {
            operation.Parameters.Add(Header("If-Match", $"^(\\*|{Tag})$",
                "The ETag of a read or a write of the version that you saw, or * for any. Compared by version alone.", isRequired: true));
            errors.AddRange([412, 428]);
        }

        if (method != "GET" || metadata.OfType<RefusedRead>().Any())
        {
            errors.Add(409);
        }

        if (operation.RequestBody is not null)
        {
            var example = metadata.OfType<IAcceptsMetadata>().FirstOrDefault()?.RequestType is { } body ? XmlDocs.Example(body) : null;
            foreach (var media in operation.RequestBody.Content?.Values ?? [])
            {
                media.Example = example?.DeepClone();
            }
        }

        // A body that is no JSON is described by its route later.
        if (operation.RequestBody is not null || metadata.OfType<IRequestSizeLimitMetadata>().Any())
        {
            errors.AddRange([413, 415]);
        }

        foreach (var status in errors)
        {
            (operation.Responses ??= [])[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = Problems.Meanings[status],
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [ProblemDetails.MediaType] = new() { Schema = new OpenApiSchemaReference(nameof(ProblemDetails), context.Document) },
                },
            };
        }

        return Task.CompletedTask;
    }

    /// <summary>What is in the path, by the constraint that its route gives it.</summary>
    private static IEnumerable<OpenApiParameter> OfPath(OpenApiOperationTransformerContext context) =>
        context.Description.RelativePath!.Split('/').Where(part => part.StartsWith('{'))
            .Select(part => part.Trim('{', '}').Split(':'))
            .Select(part => new OpenApiParameter
            {
                Name = part[0], In = ParameterLocation.Path, Required = true, Description = Meaning(part[0], part.ElementAtOrDefault(1)),
                Schema = part.ElementAtOrDefault(1) switch
                {
                    "guid" => new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" },
                    "int" => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
                    _ => new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1 },
                },
            });

    private static string Meaning(string name, string? constraint) => (name, constraint) switch
    {
        (_, "guid") => $"Id of the {name}.",
        ("id", _) => "Its id, or its number, key or user name where it has one.",
        ("key", _) => "Key of the task.",
        ("number", _) => "Number of the edition, from 1 on.",
        ("service", _) => "Name of a service, such as incidents.",
        ("comment", _) => "Id of the comment.",
        _ => $"The {name}.",
    };

    private static IEnumerable<OpenApiParameter> OfQuery(IEnumerable<object> metadata) =>
        metadata.OfType<QueryParameters>().SelectMany(one => one.All).Select(one => (one, Schema: one.Schema))
            .Select(parameter => new OpenApiParameter
            {
                Name = parameter.one.Name, In = ParameterLocation.Query, Required = parameter.one.IsRequired,
                Description = parameter.one.Describes, Schema = parameter.Schema, Style = ParameterStyle.Form,
                Explode = parameter.Schema.Type != JsonSchemaType.Array,
            });

    private static OpenApiParameter Header(string name, string pattern, string describes, bool isRequired = false) => new()
    {
        Name = name, In = ParameterLocation.Header, Required = isRequired, Description = describes,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = pattern },
    };
}
