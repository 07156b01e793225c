using Itsm.Platform.Aggregates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Http;

/// <summary>Marks the routes of services.</summary>
internal sealed record ApiRoute;

/// <summary>Marks a route that needs If-Match.</summary>
internal sealed record Precondition;

/// <summary>Marks a route that reads one thing, with an ETag.</summary>
internal sealed record SingleRead;

/// <summary>Marks a route that reads a part of a thing, with the thing's ETag.</summary>
internal sealed record TaggedRoute;

/// <summary>Marks a route that changes nothing and may still be refused by a rule.</summary>
internal sealed record RefusedRead;

/// <summary>Marks a route that reads its body itself, as it comes.</summary>
internal sealed record StreamedBody;

/// <summary>What a route takes and answers, said in a line.</summary>
public static class RouteConventions
{
    extension<TBuilder>(TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder
    {
        /// <summary>Changes one thing: needs If-Match.</summary>
        public TBuilder ChangesOne() => endpoint.WithMetadata(new Precondition());

        /// <summary>Reads a part of a thing: answers with the thing's ETag.</summary>
        public TBuilder Tagged() => endpoint.WithMetadata(new TaggedRoute());

        /// <summary>Reads what a rule may refuse to tell: 409. Routes that change something need not say so.</summary>
        public TBuilder MayRefuse() => endpoint.WithMetadata(new RefusedRead());

        /// <summary>Takes any bytes as its body, and reads them as they come: nothing bounds their number but the route itself, and with an
        /// idempotency key it says what they were (<see cref="Write.Carried"/>).</summary>
        public TBuilder StreamsBody() => endpoint.WithMetadata(new StreamedBody());

        /// <summary>Any route with these query parameters.</summary>
        public TBuilder Takes(params IReadOnlyList<QueryParameter> parameters) => endpoint.WithMetadata(new QueryParameters(parameters));

        /// <summary>How many meet these filters, with other parameters.</summary>
        public TBuilder Counts(ListDefinition definition, params IEnumerable<QueryParameter> also) =>
            endpoint.WithMetadata(new QueryParameters([.. definition.FilterParameters, .. also], definition));
    }

    extension(Microsoft.AspNetCore.Http.Endpoint endpoint)
    {
        /// <summary>True where the route reads its body itself, as it comes.</summary>
        public bool StreamsBody => endpoint.Metadata.GetMetadata<StreamedBody>() is not null;
    }

    /// <summary>A page of records with these filters and sorts, and other parameters.</summary>
    public static RouteHandlerBuilder Lists<T>(
        this RouteHandlerBuilder endpoint, ListDefinition definition, params IEnumerable<QueryParameter> also)
        where T : Record =>
        endpoint.WithMetadata(new QueryParameters([.. definition.ParametersOf<T>(), .. also], definition, typeof(T))).Produces<Page<T>>();

    /// <summary>All records that meet these filters, as a file.</summary>
    public static RouteHandlerBuilder Exports<T>(this RouteHandlerBuilder endpoint, ListDefinition definition)
        where T : Record =>
        endpoint.WithMetadata(
            new QueryParameters([.. definition.FilterParameters, definition.Sort, FieldSelection<T>.OfExport, ExportFormat.Parameter,
                .. definition.Expandable.Count > 0 ? new[] { definition.ExpandOfExport } : []], definition))
            .Produces<string>(StatusCodes.Status200OK, ExportFormat.All[0].MediaType,
                [.. ExportFormat.All.Skip(1).Select(format => format.MediaType)]);

    /// <summary>One record, with an ETag.</summary>
    /// <param name="endpoint">The route.</param>
    /// <param name="definition">Of the list of these, whose fields <c>expand</c> explains here, too; null where there are none.</param>
    public static RouteHandlerBuilder Reads<T>(this RouteHandlerBuilder endpoint, ListDefinition? definition = null)
        where T : Record =>
        endpoint.WithMetadata(
            new QueryParameters(
                [FieldSelection<T>.OfOne, .. definition is null ? [] : new[] { definition.Expand }, .. Markdowns<T>.Parameters],
                Record: typeof(T))
            {
                Expands = definition,
            },
            new SingleRead()).Produces<T>();
}

/// <summary>What records of a type have in Markdown.</summary>
internal static class Markdowns<T>
    where T : Record
{
    /// <summary>The fields.</summary>
    public static IReadOnlySet<string> Fields { get; } = RecordDefinition.MarkdownOf(typeof(T));

    /// <summary>The query parameter <c>render</c>; none where there are no such fields.</summary>
    public static IReadOnlyList<QueryParameter> Parameters { get; } = Fields.Count > 0 ? [MarkdownText.Parameter] : [];

    /// <summary>Writes the member <c>rendered</c> where it is asked for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="writer">Stands inside the record.</param>
    /// <param name="bson">The record.</param>
    /// <param name="shown">The fields that the caller gets.</param>
    public static void Write(HttpRequest request, System.Text.Json.Utf8JsonWriter writer, ReadOnlySpan<byte> bson,
        IReadOnlySet<string> shown)
    {
        if (Fields.Count > 0 && MarkdownText.Parameter.TryRead(request, out _))
        {
            MarkdownText.Write(writer, bson, Fields.Intersect(shown).ToHashSet());
        }
    }
}

/// <summary>The query parameter <c>fields</c>.</summary>
internal static class FieldSelection<T>
    where T : Record
{
    /// <summary>Of the items of a list.</summary>
    public static QueryParameter<IReadOnlyList<string>> OfList { get; } =
        Of("Fields of an item beside its id; the usual ones where left out.", []);

    /// <summary>Of the lines of an export.</summary>
    public static QueryParameter<IReadOnlyList<string>> OfExport { get; } =
        Of("Fields of a line or row beside its id; all where left out.", []);

    /// <summary>Of a single read; aggregates have actions, too.</summary>
    public static QueryParameter<IReadOnlyList<string>> OfOne { get; } =
        Of("Fields of it beside its id; all where left out.", typeof(T).IsAssignableTo(typeof(Aggregate)) ? ["actions"] : []);

    private static QueryParameter<IReadOnlyList<string>> Of(string describes, IEnumerable<string> more) => new("fields",
        QueryValue.Word([.. RecordDefinition.FieldsOf(typeof(T)).Concat(more).Order(StringComparer.Ordinal)]).Several(), describes);
}
