using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Itsm.Platform.Hosting;

/// <summary>The service's OpenAPI 3.1 document, from what the routes say of themselves.</summary>
internal static class OpenApi
{
    public static void AddServiceOpenApi(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.CreateSchemaReferenceId = type => type.Type is { IsNested: true, DeclaringType: { } outer }
            ? outer.Name + type.Type.Name
            : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type.IsGenericType && context.JsonTypeInfo.Type.GetGenericTypeDefinition() == typeof(Optional<>))
            {
                schema.Properties?.Clear();
            }

            if ((Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type) is { IsEnum: true } type)
            {
                schema.Type = JsonSchemaType.String;
                schema.Enum = [.. Enum.GetNames(type).Select(name => (JsonNode)JsonNamingPolicy.CamelCase.ConvertName(name))];
            }

            foreach (var hidden in context.JsonTypeInfo.Properties.Where(property => property.AttributeProvider?.IsDefined(typeof(HiddenAttribute), false) == true))
            {
                schema.Properties?.Remove(hidden.Name);
                schema.Required?.Remove(hidden.Name);
            }

            return Task.CompletedTask;
        });
        options.AddOperationTransformer(Describe);
    });

    private static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters ??= [];
        foreach (var route in context.Description.RelativePath!.Split('/').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}').Split(':')[0]))
        {
            if (operation.Parameters.All(parameter => parameter.Name != route))
            {
                operation.Parameters.Add(new OpenApiParameter { Name = route, In = ParameterLocation.Path, Required = true, Schema = Text() });
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
        }

        if (metadata.OfType<Precondition>().Any())
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "If-Match", In = ParameterLocation.Header, Required = true, Schema = Text(), Description = "The ETag of the version that you saw, or * for any.",
            });
        }

        operation.Responses ??= [];
        foreach (var (status, what) in new[] { ("400", "Something in the request is wrong; errors[] names it."), ("401", "No valid token."), ("403", "Not permitted."), ("404", "Not there, or not visible to you."), ("503", "The service or its store does not answer just now; Retry-After says when to come back.") })
        {
            operation.Responses.TryAdd(status, new OpenApiResponse { Description = what });
        }

        if (method != "GET")
        {
            operation.Responses.TryAdd("409", new OpenApiResponse { Description = "Refused by a rule; code says which." });
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };

    private static string? DescriptionOf(string name, ListDefinition? list) => name switch
    {
        "limit" => "1 to 200; 50 where left out.",
        "cursor" => "The next of the page before. Good for the same filters, order and caller only.",
        "sort" => $"One of: {string.Join(", ", list?.Sorts ?? [])}; a minus before it for the greatest first. Default: {list?.DefaultSort}.",
        "count" => "true for the exact number of visible items.",
        "fields" => "Names of fields, with commas; without it, the usual ones.",
        "expand" => $"Ids to turn into objects: {string.Join(", ", list?.Expandable ?? [])}.",
        _ => list?.Filters.FirstOrDefault(filter => filter.Names.Contains(name))?.Describes,
    };
}

/// <summary>Marks a route that needs If-Match.</summary>
internal sealed record Precondition;
