using System.Net.Mime;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Itsm.Platform.Hosting;

/// <summary>Examples of answers: each project with routes embeds them as <c>Examples.json</c>, by the ids of the operations. They are
/// recorded by <c>./build/examples</c>.</summary>
internal static class AnswerExamples
{
    private const string Resource = "Examples.json";

    public static void AddAnswerExamples(this OpenApiOptions options) => options.AddDocumentTransformer((document, context, _) =>
    {
        // Read for each document: they are large, and documents are seldom made.
        var examples = context.ApplicationServices.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<MethodInfo>()?.Module.Assembly).Distinct().OfType<Assembly>()
            .SelectMany(Read).ToDictionary();
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations ?? []).Select(one => one.Value))
        {
            if (Content(operation) is { } content && examples.TryGetValue(operation.OperationId!, out var example))
            {
                content.Example = example;
            }
        }

        return Task.CompletedTask;
    });

    private static JsonObject Read(Assembly assembly)
    {
        using var file = assembly.GetManifestResourceStream(Resource);
        return file is null ? [] : JsonNode.Parse(file)!.AsObject();
    }

    /// <summary>Of the first answer that is a success and JSON.</summary>
    private static OpenApiMediaType? Content(OpenApiOperation operation) => (operation.Responses ?? [])
        .Where(answer => answer.Key[0] == '2').OrderBy(answer => answer.Key, StringComparer.Ordinal)
        .SelectMany(answer => answer.Value.Content ?? new Dictionary<string, OpenApiMediaType>())
        .FirstOrDefault(one => one.Key == MediaTypeNames.Application.Json).Value;
}
