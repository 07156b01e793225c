using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Itsm.Platform.Hosting;

/// <summary>The events of a stream: a route says that it produces <c>text/event-stream</c> of a record with a member for each event, by its
/// name. The operation then has <c>x-events</c> with the schema of each event's data.</summary>
internal static class EventSchemas
{
    private const string MediaType = "text/event-stream";

    public static void Name(IDictionary<string, IOpenApiSchema> schemas, IEnumerable<OpenApiOperation> operations)
    {
        foreach (var operation in operations)
        {
            foreach (var (_, content) in AnswerSchemas.ContentsOf(operation).Where(content => content.Key == MediaType))
            {
                if (content.Schema is not OpenApiSchemaReference { Reference.Id: { } id })
                {
                    continue;
                }

                var events = new JsonObject();
                foreach (var (name, data) in schemas[id].Properties!)
                {
                    events[name] = new JsonObject { ["$ref"] = $"#/components/schemas/{((OpenApiSchemaReference)data).Reference.Id}" };
                }

                (operation.Extensions ??= new Dictionary<string, IOpenApiExtension>())["x-events"] = new JsonNodeExtension(events);
                content.Schema = new OpenApiSchema { Type = JsonSchemaType.String };
                schemas.Remove(id);
            }
        }
    }
}
