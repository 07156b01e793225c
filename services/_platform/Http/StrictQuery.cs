using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Http;

/// <summary>Refuses query parameters that the route does not know (a filter that is misspelt must not return everything), that are empty,
/// given twice or not as declared, and requests that lack one.</summary>
internal static class StrictQuery
{
    public static IApplicationBuilder UseStrictQuery(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.GetEndpoint()?.Metadata is { } metadata && metadata.GetMetadata<ApiRoute>() is not null)
        {
            Check(context.Request, metadata.GetMetadata<QueryParameters>() ?? QueryParameters.None);
        }

        return next(context);
    });

    /// <exception cref="HttpProblemException">400 with an error for each parameter that is wrong.</exception>
    public static void Check(HttpRequest request, QueryParameters known)
    {
        if (!request.QueryString.HasValue && known.Required.Count == 0)
        {
            return;
        }

        List<FieldError>? errors = null;
        foreach (var (name, values) in request.Query)
        {
            if (!known.ByName.TryGetValue(name, out var parameter))
            {
                var others = known.ByName.Keys.Order();
                Add(name, FieldCode.UnknownField, known.All.Count == 0 ? (Sentence)$"There is no parameter {name.Quoted} here."
                    : $"There is no parameter {name.Quoted} here; there are: {others.Listed}.");
            }
            else if (values.Count > 1)
            {
                Add(name, FieldCode.Repeated, $"{name} is given {values.Count} times.");
            }
            else if (values[0] is not { Length: > 0 } text)
            {
                Add(name, FieldCode.Blank, $"{name} is empty.");
            }
            else if (parameter.WhyNot(text) is { } wrong)
            {
                (errors ??= []).AddRange(wrong);
            }
        }

        foreach (var missing in known.Required.Where(one => !request.Query.ContainsKey(one.Name)))
        {
            Add(missing.Name, FieldCode.Required, $"{missing.Name} is required.");
        }

        if (errors is not null)
        {
            throw HttpProblemException.Invalid(errors);
        }

        void Add(string name, FieldCode code, Sentence message) => (errors ??= []).Add(new FieldError($"?{name}", code, message));
    }
}

/// <summary>The query parameters that a route takes.</summary>
/// <param name="All">In the order in which the contract has them.</param>
/// <param name="List">What filters and sorts come from; null where there are none.</param>
/// <param name="Record">What is listed or read; null where that is no record.</param>
internal sealed record QueryParameters(IReadOnlyList<QueryParameter> All, ListDefinition? List = null, Type? Record = null)
{
    public static QueryParameters None { get; } = new([]);

    /// <summary>Says what <c>expand</c> takes; null where there is no such parameter.</summary>
    public ListDefinition? Expands { get; init; } = List;

    public IReadOnlyDictionary<string, QueryParameter> ByName { get; } = All.ToDictionary(one => one.Name);

    public IReadOnlyList<QueryParameter> Required { get; } = [.. All.Where(one => one.IsRequired)];
}
