using System.Globalization;
using System.Text.Json.Nodes;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Itsm.Platform.Hosting;

/// <summary>The service's OpenAPI 3.1 document, from what the routes say of themselves.</summary>
internal static class OpenApi
{
    // By these the framework tells apart schemas with a place of their own, and what is said where they are referred to.
    private const string SchemaId = "x-schema-id";
    private const string DescriptionOfReference = "x-ref-description";

    public static void AddServiceOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.CreateSchemaReferenceId = type => IsOptional(type.Type) ? null // each member with limits of its own
            : type.Type is { IsNested: true, DeclaringType: { } outer } ? outer.Name + NameOf(type.Type)
            : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        options.AddSchemaTransformer(async (schema, context, ct) =>
        {
            var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
            if (IsOptional(type))
            {
                var value = await context.GetOrCreateSchemaAsync(type.GetGenericArguments()[0], null, ct);
                schema.Properties?.Clear();
                (schema.Type, schema.Format, schema.Enum, schema.Items, schema.AdditionalProperties) = (value.Type | JsonSchemaType.Null,
                    value.Format, value.Enum, value.Items, value.AdditionalProperties);
            }

            if (type == typeof(TimeSpan) || type == typeof(DateTimeOffset))
            {
                schema.Type = type == context.JsonTypeInfo.Type ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
                schema.Format = type == typeof(TimeSpan) ? "duration" : "date-time";
            }

            if (type.IsEnum)
            {
                schema.Type = JsonSchemaType.String;
                schema.Enum = [.. Enum.GetNames(type).Select(name => (JsonNode)XmlDocs.WordOf(type, name))];
            }

            Describe(schema, context, type);

            // What is null is left out of answers, and may be of requests.
            foreach (var nullable in context.JsonTypeInfo.Properties.Where(property => property.IsGetNullable))
            {
                schema.Required?.Remove(nullable.Name);
            }

            if (type.IsSubclassOf(typeof(Aggregate)))
            {
                schema.Properties ??= new Dictionary<string, IOpenApiSchema>();
                schema.Properties["actions"] = Actions();
            }

            foreach (var hidden in context.JsonTypeInfo.Properties.Where(property =>
                property.AttributeProvider?.IsDefined(typeof(HiddenAttribute), false) == true))
            {
                schema.Properties?.Remove(hidden.Name);
                schema.Required?.Remove(hidden.Name);
            }
        });
        options.AddOperationTransformer(Describe);
    });

    /// <summary>Says of types, and of the places where they are used, what the sources say.</summary>
    private static void Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, Type type)
    {
        var isReferred = schema.Metadata?.TryGetValue(SchemaId, out var id) == true && id is string { Length: > 0 };
        if (context.JsonPropertyInfo?.AttributeProvider is System.Reflection.PropertyInfo property && XmlDocs.Of(property) is { } text)
        {
            if (isReferred)
            {
                schema.Metadata![DescriptionOfReference] = text;
            }
            else
            {
                schema.Description = text;
            }
        }

        if (isReferred || context.JsonPropertyInfo is null)
        {
            schema.Description ??= type.IsEnum ? XmlDocs.OfEnum(type) : XmlDocs.Of(type);
        }
    }

    private static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters ??= [];
        foreach (var route in context.Description.RelativePath!.Split('/').Where(part => part.StartsWith('{'))
            .Select(part => part.Trim('{', '}').Split(':')[0]))
        {
            if (operation.Parameters.All(parameter => parameter.Name != route))
            {
                operation.Parameters.Add(
                    new OpenApiParameter { Name = route, In = ParameterLocation.Path, Required = true, Schema = Text() });
            }
        }

        if (metadata.OfType<QueryParameters>().FirstOrDefault() is { } query)
        {
            foreach (var name in query.Names.Where(name => operation.Parameters.All(parameter => parameter.Name != name)))
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = name, In = ParameterLocation.Query, Schema = Text(), Description = DescriptionOf(name, query.List),
                });
            }
        }

        if (metadata.OfType<QueryParameters>().Any(one => one.List is null && one.Names.Contains("fields")))
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "If-None-Match", In = ParameterLocation.Header, Schema = Text(),
                Description = "ETags of reads of it by this address; they begin with its version and, where it has actions, are the "
                    + "caller's own.",
            });
            (operation.Responses ??= []).TryAdd("304",
                new OpenApiResponse { Description = "It is as it was with one of the ETags of If-None-Match." });
        }

        if (metadata.OfType<Microsoft.AspNetCore.Authorization.IAllowAnonymous>().Any())
        {
            operation.Security = [];
        }

        if (metadata.OfType<RequiredPermission>().FirstOrDefault() is { } permission)
        {
            operation.Description = $"{operation.Description}\n\nPermission: `{permission.Name}`.".Trim();
        }

        var method = context.Description.HttpMethod;
        if (method == "POST")
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "Idempotency-Key", In = ParameterLocation.Header, Schema = Text(),
                Description = "The same key with the same request gives the first answer again; with another request 422.",
            });
            Fails(422, 429);
        }

        if (metadata.OfType<Precondition>().Any())
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "If-Match", In = ParameterLocation.Header, Required = true, Schema = Text(),
                Description = "The ETag of a read or a write of the version that you saw, or * for any. Compared by version alone.",
            });
            Fails(412, 428);
        }

        if (operation.RequestBody is not null)
        {
            var example = metadata.OfType<IAcceptsMetadata>().FirstOrDefault()?.RequestType is { } body ? XmlDocs.Example(body) : null;
            foreach (var media in operation.RequestBody.Content?.Values ?? [])
            {
                media.Example = example?.DeepClone();
            }

            Fails(413, 415);
        }

        Fails(400, 401, 403, 404, 500, 503);
        if (method != "GET")
        {
            Fails(409);
        }

        return Task.CompletedTask;

        void Fails(params ReadOnlySpan<int> statuses)
        {
            foreach (var status in statuses)
            {
                (operation.Responses ??= [])[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
                {
                    Description = Problems.Meanings[status],
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        [Problem.MediaType] = new() { Schema = new OpenApiSchemaReference(nameof(Problem), context.Document) },
                    },
                };
            }
        }
    }

    private static OpenApiSchema Actions() => new()
    {
        Type = JsonSchemaType.Array, Description = "In a single read: the actions, whether they are open to the caller, and why not.",
        Items = new OpenApiSchema
        {
            Type = JsonSchemaType.Object, Required = new HashSet<string> { "name", "open" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["name"] = Text(), ["open"] = new OpenApiSchema { Type = JsonSchemaType.Boolean }, ["reason"] = Text(),
            },
        },
    };

    private static string NameOf(Type type) =>
        type.IsGenericType
            ? type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] + "Of"
                + string.Concat(type.GetGenericArguments().Select(NameOf))
            : type.Name;

    private static bool IsOptional(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Optional<>);

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    private static string? DescriptionOf(string name, ListDefinition? list) => name switch
    {
        "limit" => "1 to 200; 50 where left out.",
        "cursor" => "The next of the page before. Good for the same filters, order and caller only.",
        "sort" =>
            $"One of: {string.Join(", ", list?.Sorts ?? [])}; a minus before it for the greatest first. Default: {list?.DefaultSort}.",
        "count" => "true for the exact number of visible items.",
        "fields" => "Names of fields, with commas; without it, the usual ones.",
        "expand" => $"Ids to turn into objects: {string.Join(", ", list?.Expandable ?? [])}.",
        _ => list?.Filters.FirstOrDefault(filter => filter.Names.Contains(name))?.Describes,
    };
}
