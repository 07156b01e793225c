using System.Text.Json.Serialization;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Itsm.Platform.Hosting;

/// <summary>Declares what answers have: the members that are always sent are required, and null is only where it is sent. Where a
/// record travels in requests too, the schema of those is called <c>…Input</c>; what lists have of a record is called
/// <c>…Summary</c>.</summary>
internal static class AnswerSchemas
{
    private const string Sent = "x-sent";
    private const string SentAsNull = "x-sent-as-null";
    private const string List = "x-list";
    private const string Input = "Input";
    private const string Summary = "Summary";
    private const string PartAnswer =
        ". With fields: the id and the members that it names alone, whatever the schema requires of the thing.";

    public static void AddAnswerSchemas(this OpenApiOptions options)
    {
        options.AddSchemaTransformer((schema, context, _) =>
        {
            Note(schema, context);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var query = context.Description.ActionDescriptor.EndpointMetadata.OfType<QueryParameters>().FirstOrDefault();
            if (query?.List is { } list)
            {
                (operation.Metadata ??= new Dictionary<string, object>())[List] = list;
            }

            if (query?.ByName.ContainsKey("fields") == true && operation.Responses?.TryGetValue("200", out var answer) == true)
            {
                answer.Description += PartAnswer;
            }

            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            if (document.Components?.Schemas is { } schemas)
            {
                List<OpenApiOperation> operations =
                    [.. document.Paths.Values.SelectMany(path => path.Operations ?? []).Select(one => one.Value)];
                TellApart(document, schemas, operations);
                Summarize(document, schemas, operations);
                EventSchemas.Name(schemas, operations);
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>What its answers hold, by media type.</summary>
    internal static IEnumerable<KeyValuePair<string, OpenApiMediaType>> ContentsOf(OpenApiOperation operation) =>
        (operation.Responses ?? []).SelectMany(response => response.Value.Content ?? new Dictionary<string, OpenApiMediaType>());

    /// <summary>Keeps beside the schema of an object what is known of its type alone.</summary>
    private static void Note(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        if (context.JsonPropertyInfo?.AttributeProvider is { } property)
        {
            if (property.GetCustomAttributes(typeof(AtMostAttribute), false) is [AtMostAttribute most])
            {
                schema.MaxItems = most.Count;
            }

            if (property.GetCustomAttributes(typeof(Contracts.PatternAttribute), false) is [Contracts.PatternAttribute pattern])
            {
                schema.Pattern = pattern.Expression;
            }
        }

        if (schema.Type?.HasFlag(JsonSchemaType.Array) == true && (schema.MaxLength ?? schema.MinLength) is not null)
        {
            // Of an optional list, which was no list yet when its attributes were read.
            (schema.MaxItems, schema.MinItems) = (schema.MaxLength, schema.MinLength);
            (schema.MaxLength, schema.MinLength) = (null, null);
        }

        if (context.JsonTypeInfo.Kind != System.Text.Json.Serialization.Metadata.JsonTypeInfoKind.Object || schema.Properties is null)
        {
            return;
        }

        var type = context.JsonTypeInfo.Type;
        var (sent, sentAsNull) = (new HashSet<string>(), new HashSet<string>());
        var shown = type.IsSubclassOf(typeof(Record)) ? RecordDefinition.FieldsOf(type) : null;
        foreach (var member in context.JsonTypeInfo.Properties.Where(member => schema.Properties.ContainsKey(member.Name)))
        {
            if (shown?.Contains(member.Name) == false)
            {
                schema.Properties.Remove(member.Name);
                schema.Required?.Remove(member.Name);
            }
            else if (!member.IsGetNullable)
            {
                if (member.AttributeProvider?.IsDefined(typeof(ShownToSomeAttribute), false) != true)
                {
                    sent.Add(member.Name);
                }
            }
            else if (member.AttributeProvider?.IsDefined(typeof(JsonIgnoreAttribute), false) == true)
            {
                sent.Add(member.Name);
                sentAsNull.Add(member.Name);
            }
        }

        schema.Metadata ??= new Dictionary<string, object>();
        (schema.Metadata[Sent], schema.Metadata[SentAsNull]) = (sent, sentAsNull);
    }

    private static void TellApart(
        OpenApiDocument document, IDictionary<string, IOpenApiSchema> schemas, IReadOnlyList<OpenApiOperation> operations)
    {
        var bodies = operations.SelectMany(operation => operation.RequestBody?.Content?.Values ?? []).ToList();
        var asked = Reach(schemas, bodies.Select(body => body.Schema));
        var answers = operations.SelectMany(ContentsOf).Select(content => content.Value.Schema);
        var (inputs, differing) = (new Dictionary<string, IOpenApiSchema>(), new HashSet<string>());
        foreach (var name in Reach(schemas, answers))
        {
            inputs[name] = schemas[name];
            schemas[name] = Copy(document, schemas[name], id => id, schema =>
            {
                if (Answer(schema))
                {
                    differing.Add(name);
                }
            });
        }

        while (inputs.FirstOrDefault(one => !differing.Contains(one.Key) && References(one.Value).Any(differing.Contains)) is
            { Key: { } holder })
        {
            differing.Add(holder);
        }

        foreach (var name in asked)
        {
            if (inputs.TryGetValue(name, out var input) && differing.Contains(name))
            {
                schemas[name + Input] = Copy(document, input, NameOf, _ => { });
            }
            else if (!inputs.ContainsKey(name))
            {
                schemas[name] = Copy(document, schemas[name], NameOf, _ => { });
            }
        }

        foreach (var body in bodies.Where(body => body.Schema is not null))
        {
            body.Schema = Copy(document, body.Schema!, NameOf, _ => { });
        }

        string NameOf(string name) => differing.Contains(name) ? name + Input : name;
    }

    /// <returns>True where the schema becomes another one.</returns>
    private static bool Answer(OpenApiSchema schema)
    {
        if (schema.Properties is null || schema.Metadata?.TryGetValue(Sent, out var sent) != true)
        {
            return false;
        }

        var (required, asNull) = (((HashSet<string>)sent!).Where(schema.Properties.ContainsKey).ToHashSet(),
            (HashSet<string>)schema.Metadata[SentAsNull]);
        var differs = !required.SetEquals(schema.Required ?? new HashSet<string>());
        schema.Required = required.Count > 0 ? required : null;
        foreach (var (name, member) in schema.Properties.Where(one => !asNull.Contains(one.Key)).ToList())
        {
            var without = WithoutNull(member);
            differs |= !ReferenceEquals(without, member) || (member is OpenApiSchema { Type: { } before } && IsNullable(before));
            schema.Properties[name] = without;
            if (without is OpenApiSchema { Type: { } type } one)
            {
                one.Type = IsNullable(type) ? type & ~JsonSchemaType.Null : type;
            }
        }

        return differs;
    }

    private static bool IsNullable(JsonSchemaType type) => type.HasFlag(JsonSchemaType.Null) && type != JsonSchemaType.Null;

    private static IOpenApiSchema WithoutNull(IOpenApiSchema schema) =>
        schema is OpenApiSchema { OneOf: { Count: 2 } several } either
            && several.FirstOrDefault(one => one.Type == JsonSchemaType.Null) is { } none
            ? Described(several.First(one => one != none), either.Description)
            : schema;

    private static IOpenApiSchema Described(IOpenApiSchema schema, string? description)
    {
        if (description is not null && schema is OpenApiSchemaReference reference)
        {
            reference.Description ??= description;
        }

        return schema;
    }

    /// <summary>Lists have the fields of their definition, and who the ids stand for that <c>expand</c> names.</summary>
    private static void Summarize(
        OpenApiDocument document, IDictionary<string, IOpenApiSchema> schemas, IEnumerable<OpenApiOperation> operations)
    {
        var pages = operations.Where(operation => operation.Metadata?.ContainsKey(List) == true).SelectMany(operation =>
            ContentsOf(operation).Select(content => (Page: (content.Value.Schema as OpenApiSchemaReference)?.Reference.Id,
                Definition: (ListDefinition)operation.Metadata![List])));
        foreach (var lists in pages.Where(one => one.Page is not null).GroupBy(one => one.Page!, one => one.Definition))
        {
            if (schemas[lists.Key].Properties?.TryGetValue("items", out var items) != true
                || items is not OpenApiSchema { Items: OpenApiSchemaReference { Reference.Id: { } name } } list
                || lists.All(one => one.Summary is null && one.Explained.Count == 0))
            {
                continue;
            }

            var summary = (OpenApiSchema)Copy(document, schemas[name], id => id, _ => { });
            summary.Description = $"{summary.Description} As lists show it.".Trim();
            summary.Properties!.Remove("actions");
            summary.Required?.IntersectWith(summary.Required.Where(field =>
                field == "id" || lists.All(one => one.Summary?.Contains(field) != false)).ToList());
            schemas[name + Summary] = summary;
            list.Items = new OpenApiSchemaReference(name + Summary, document);
        }
    }

    /// <summary>The names of the schemas that these hold, and of those that they hold.</summary>
    private static HashSet<string> Reach(IDictionary<string, IOpenApiSchema> schemas, IEnumerable<IOpenApiSchema?> from)
    {
        var (found, open) = (new HashSet<string>(), new Stack<string>(from.OfType<IOpenApiSchema>().SelectMany(References)));
        while (open.TryPop(out var name))
        {
            if (schemas.TryGetValue(name, out var schema) && found.Add(name))
            {
                foreach (var next in References(schema))
                {
                    open.Push(next);
                }
            }
        }

        return found;
    }

    private static IEnumerable<string> References(IOpenApiSchema schema) => schema is OpenApiSchemaReference reference
        ? [reference.Reference.Id!]
        : ((IEnumerable<IOpenApiSchema?>)[.. schema.Properties?.Values ?? [], .. schema.OneOf ?? [], .. schema.AnyOf ?? [],
            .. schema.AllOf ?? [], schema.Items, schema.AdditionalProperties]).OfType<IOpenApiSchema>().SelectMany(References);

    /// <summary>A copy down to its references, which get other names.</summary>
    private static IOpenApiSchema Copy(
        OpenApiDocument document, IOpenApiSchema from, Func<string, string> name, Action<OpenApiSchema> change)
    {
        if (from is OpenApiSchemaReference { Reference.Id: { } id } reference)
        {
            return new OpenApiSchemaReference(name(id), document) { Description = reference.Reference.Description };
        }

        var copy = (OpenApiSchema)from.CreateShallowCopy();
        copy.Properties = copy.Properties?.ToDictionary(member => member.Key, member => Of(member.Value)!);
        (copy.Items, copy.AdditionalProperties) = (Of(copy.Items), Of(copy.AdditionalProperties));
        (copy.OneOf, copy.AnyOf, copy.AllOf) = (All(copy.OneOf), All(copy.AnyOf), All(copy.AllOf));
        copy.Required = copy.Required?.ToHashSet();
        change(copy);
        return copy;

        IOpenApiSchema? Of(IOpenApiSchema? schema) => schema is null ? null : Copy(document, schema, name, change);

        List<IOpenApiSchema>? All(IList<IOpenApiSchema>? several) => several?.Select(one => Of(one)!).ToList();
    }
}
