using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
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
        options.ShouldInclude = operation => operation.HttpMethod != HttpMethods.Head; // as GET
        options.CreateSchemaReferenceId = type => IsOptional(type.Type) ? null // each member with limits of its own
            : type.Type == typeof(JsonElement) || type.Type == typeof(MongoDB.Bson.BsonValue) ? null // any value
            : type.Type == typeof(Sentence) || type.Type == typeof(SentenceArguments) || type.Type == typeof(StoredArguments) ? null
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

            if (type == typeof(Sentence) || type == typeof(SentenceArguments) || type == typeof(StoredArguments))
            {
                schema.Type = type == typeof(Sentence) ? JsonSchemaType.String : JsonSchemaType.Object;
            }

            if (type.IsEnum)
            {
                schema.Type = JsonSchemaType.String;
                schema.Enum = [.. Enum.GetNames(type).Select(name => (JsonNode)EnumWords.Of(type, name))];
            }

            Describe(schema, context, type);

            // What is null is left out of answers, and may be of requests.
            foreach (var nullable in context.JsonTypeInfo.Properties.Where(property => property.IsGetNullable
                && property.AttributeProvider?.IsDefined(typeof(RequiredAttribute), true) != true))
            {
                schema.Required?.Remove(nullable.Name);
            }

            if (type.IsSubclassOf(typeof(Aggregate)))
            {
                schema.Properties ??= new Dictionary<string, IOpenApiSchema>();
                schema.Properties["actions"] = Actions();
            }

            if (Expandable(context.ApplicationServices, type) is { Count: > 0 } fields)
            {
                schema.Properties![Expansion.Member] = await ExpandedAsync(fields, context, ct);
            }

            if (type.IsSubclassOf(typeof(Record)) && RecordDefinition.MarkdownOf(type) is { Count: > 0 } texts)
            {
                schema.Properties![MarkdownText.Member] = Rendered(texts);
            }

            // Others may add members, and what is null is left out.
            if (type == typeof(ProblemDetails) || type == typeof(FieldError))
            {
                (schema.AdditionalPropertiesAllowed, schema.AdditionalProperties) = (true, null);
                foreach (var member in schema.Properties!.Values.OfType<OpenApiSchema>())
                {
                    member.Type &= ~JsonSchemaType.Null;
                }
            }

            foreach (var hidden in context.JsonTypeInfo.Properties.Where(property =>
                property.AttributeProvider?.IsDefined(typeof(HiddenAttribute), false) == true))
            {
                schema.Properties?.Remove(hidden.Name);
                schema.Required?.Remove(hidden.Name);
            }
        });
        options.AddOperationTransformer(OperationDocs.DescribeAsync);
        options.AddAnswerHeaders();
        options.AddAnswerSchemas();
        options.AddAnswerExamples();
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
            // The framework has read what the contracts say of themselves, but not of the members of their enums.
            schema.Description = type.IsEnum ? XmlDocs.OfEnum(type) ?? schema.Description : schema.Description ?? XmlDocs.Of(type);
        }
    }

    private static OpenApiSchema Rendered(IEnumerable<string> texts) => new()
    {
        Type = JsonSchemaType.Object, Description = "With render=html: the texts in Markdown as HTML that is safe in any page.",
        Properties = texts.ToDictionary(name => name, _ => (IOpenApiSchema)new OpenApiSchema { Type = JsonSchemaType.String }),
    };

    private static OpenApiSchema Actions() => new()
    {
        Type = JsonSchemaType.Array, Description = "In a single read: the actions, whether they are open to the caller, and why not.",
        Items = new OpenApiSchema
        {
            Type = JsonSchemaType.Object, Required = new HashSet<string> { "name", "open" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["name"] = Text(), ["open"] = new OpenApiSchema { Type = JsonSchemaType.Boolean }, ["reason"] = Text(),
                ["template"] = Text(), ["arguments"] = new OpenApiSchema { Type = JsonSchemaType.Object },
            },
        },
    };

    /// <summary>The fields of a record whose ids are explained, and the types of the explanations.</summary>
    private static List<KeyValuePair<string, Type>> Expandable(IServiceProvider services, Type record) =>
        !record.IsSubclassOf(typeof(Record)) ? []
        : [.. services.GetRequiredService<EndpointDataSource>().Endpoints
            .SelectMany(endpoint => endpoint.Metadata.OfType<QueryParameters>())
            .Where(one => one.Record == record)
            .SelectMany(one => one.Expands?.Explained ?? new Dictionary<string, Type>()).Distinct()];

    private static async Task<OpenApiSchema> ExpandedAsync(
        List<KeyValuePair<string, Type>> fields, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        var properties = new Dictionary<string, IOpenApiSchema>();
        foreach (var (field, explanation) in fields)
        {
            var one = await context.GetOrCreateSchemaAsync(explanation, null, ct);
            one.Description = XmlDocs.Of(explanation);
            var type = context.JsonTypeInfo.Properties.First(property => property.Name == field).PropertyType;
            properties[field] = type == typeof(Guid) || type == typeof(Guid?) || type == typeof(string) ? one
                : new OpenApiSchema { Type = JsonSchemaType.Array, Items = one };
        }

        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object, Description = "With expand: who or what the ids or keys in the fields that it names stand for.",
            Properties = properties,
        };
    }

    private static string NameOf(Type type) =>
        type.IsGenericType
            ? type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] + "Of"
                + string.Concat(type.GetGenericArguments().Select(NameOf))
            : type.Name;

    private static bool IsOptional(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Optional<>);

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };
}
