using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Http;

/// <summary>Refuses query parameters that the route does not know: a filter that is misspelt must not return everything.</summary>
internal static class StrictQuery
{
    public static IApplicationBuilder UseStrictQuery(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.QueryString.HasValue
            && context.GetEndpoint() is { } endpoint
            && endpoint.Metadata.GetMetadata<ApiRoute>() is not null)
        {
            var known = endpoint.Metadata.GetMetadata<QueryParameters>()?.Names ?? [];
            foreach (var name in context.Request.Query.Keys)
            {
                if (!known.Contains(name))
                {
                    var others = known.Count == 0 ? "" : "; there are: " + string.Join(", ", known.Order());
                    throw HttpProblemException.Invalid($"?{name}", FieldCode.UnknownField,
                        $"There is no parameter {name.Quoted} here{others}.");
                }
            }
        }

        return next(context);
    });
}

/// <summary>Marks the routes of services.</summary>
internal sealed record ApiRoute;

/// <summary>The query parameters that a route takes.</summary>
internal sealed record QueryParameters(HashSet<string> Names, ListDefinition? List);

/// <summary>Marks a route that needs If-Match.</summary>
internal sealed record Precondition;

/// <summary>What a route takes and answers, said in a line.</summary>
public static class RouteConventions
{
    extension<TBuilder>(TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder
    {
        /// <summary>A list with these filters and sorts, and other parameters.</summary>
        public TBuilder Lists(ListDefinition definition, params IEnumerable<string> also) =>
            endpoint.WithMetadata(new QueryParameters([.. definition.Parameters, .. also], definition));

        /// <summary>All that meets these filters, in one answer.</summary>
        public TBuilder Exports(ListDefinition definition) =>
            endpoint.WithMetadata(new QueryParameters([.. definition.FilterNames, "sort", "fields"], definition));

        /// <summary>How many meet these filters, with other parameters.</summary>
        public TBuilder Counts(ListDefinition definition, params IEnumerable<string> also) =>
            endpoint.WithMetadata(new QueryParameters([.. definition.FilterNames, .. also], definition));

        /// <summary>Changes one thing: needs If-Match.</summary>
        public TBuilder ChangesOne() => endpoint.WithMetadata(new Precondition());

        /// <summary>A single read or other route with these query parameters.</summary>
        public TBuilder Takes(params string[] parameters) => endpoint.WithMetadata(new QueryParameters([.. parameters], null));
    }
}
