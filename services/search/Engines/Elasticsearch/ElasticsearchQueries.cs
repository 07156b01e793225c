using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Search.Domain;
using Itsm.Search.Domain.Languages;
using Itsm.Search.Queries;

namespace Itsm.Search.Engines.Elasticsearch;

/// <summary>Turns requests into the query language of Elasticsearch and OpenSearch, with the rule of access inside.</summary>
internal sealed class ElasticsearchQueries(SearchWords known)
{
    private const int MostTermsAlike = 25;
    private const int Expansions = 50;
    private const int MostFacetValues = 10_000;
    private const int NearestLookedAt = 200;
    private const long NoNumber = 0;

    /// <summary>The field of the documents; what has several values is in the plural there.</summary>
    public static string Column(string field) => field is "configurationItem" or "approver" ? field + "s" : field;

    /// <summary>The body of a search.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="timeout">After which the engine ends it.</param>
    /// <param name="view">The point in time to search; null for the index as it is.</param>
    /// <param name="highlight">How to highlight; null for not at all.</param>
    public byte[] Build(SearchRequest request, string timeout, JsonObject? view, JsonObject? highlight)
    {
        request.Clauses?.Clear();
        var body = new JsonObject
        {
            ["size"] = request.Limit, ["timeout"] = timeout, ["track_total_hits"] = true,
            ["track_scores"] = request.Sort == SearchRequest.Relevance,
            ["query"] = Obj("bool", new JsonObject { ["must"] = Query(request), ["filter"] = Terms(SearchFields.Readers, request.Tokens) }),
            ["sort"] = Sort(request),
        };
        if (request.Near is { } meaning)
        {
            body["knn"] = Near(meaning, request);
            body.Remove("query");
        }

        if (request.After is { } after)
        {
            body["search_after"] = new JsonArray(JsonSerializer.SerializeToNode(after.Value), after.Id.ToString());
        }

        if (request.Facets.Count > 0)
        {
            body["aggs"] = new JsonObject(request.Facets.Select(field => KeyValuePair.Create(field, (JsonNode?)Obj("terms", new JsonObject
            {
                ["field"] = Column(field), ["size"] = MostFacetValues, ["missing"] = IsOrdered(field) ? NoNumber : SearchFields.None,
            }))));
        }

        if (view is not null)
        {
            body["pit"] = view;
        }

        if (highlight is not null)
        {
            body["highlight"] = highlight;
        }

        return JsonSerializer.SerializeToUtf8Bytes(body);
    }

    /// <summary>Asks for what can be found and lacks what a model tells.</summary>
    public static byte[] WithoutMeaning(string model, int limit) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["size"] = limit, ["_source"] = false, ["track_total_hits"] = true,
        ["query"] = Obj("bool", new JsonObject
        {
            ["filter"] = new JsonArray(Obj("range", Obj("version", Obj("gte", 1))), Terms("language", [Meaning.Language])),
            ["must_not"] = new JsonArray(
                Terms(SearchFields.Kind, SearchDocument.OnlyNames), Terms(ElasticsearchSchema.MeaningModel, [model])),
        }),
    });

    private JsonObject Near(Meaning meaning, SearchRequest request) => new()
    {
        ["field"] = ElasticsearchSchema.MeaningVector, ["query_vector"] = meaning.Vector, ["similarity"] = Meaning.Alike,
        ["k"] = request.Limit, ["num_candidates"] = Math.Max(NearestLookedAt, 2 * request.Limit),
        ["filter"] = new JsonArray([Terms(SearchFields.Readers, request.Tokens), Terms(ElasticsearchSchema.MeaningModel, [meaning.Model]),
            .. request.Query is { } node ? new JsonNode[] { Build(node, request) } : []]),
    };

    /// <summary>A facet's value as callers know it.</summary>
    public static string FacetValue(string field, JsonElement key) =>
        IsOrdered(field) && key.GetInt64() == NoNumber ? SearchFields.None : key.ToString();

    private static bool IsOrdered(string field) => SearchFields.Find(field)?.IsOrdered == true;

    // Things without a value are as those with the least one.
    private static JsonArray Sort(SearchRequest request)
    {
        var order = request.Descending ? "desc" : "asc";
        return new JsonArray(
            Obj(request.Sort == SearchRequest.Relevance ? "_score" : Column(request.Sort), request.Sort == SearchRequest.Relevance
                ? new JsonObject { ["order"] = order }
                : new JsonObject { ["order"] = order, ["missing"] = request.Descending ? "_last" : "_first" }),
            Obj(SearchFields.Id, new JsonObject { ["order"] = "asc" }));
    }

    private JsonObject Query(SearchRequest request)
    {
        var asked = request.Query is { } node ? Build(node, request) : null;
        var like = request.Like is not { } text ? null
            : Should(new[] { "", SearchFields.German }.Select(column =>
                Alike(column, text, column == SearchFields.German == (request.LikeLanguage == LanguageRule.German))));
        return (asked, like) switch
        {
            (null, null) => Obj("match_all", new JsonObject()),
            (null, { } alone) => alone,
            ({ } alone, null) => alone,
            _ => Obj("bool", new JsonObject { ["must"] = like, ["filter"] = asked }),
        };
    }

    private static JsonObject Alike(string language, string text, bool isOfText) => Obj("more_like_this", new JsonObject
    {
        ["fields"] = new JsonArray(language + SearchFields.Title, language + SearchFields.Description), ["like"] = text,
        ["min_term_freq"] = 1, ["min_doc_freq"] = 1, ["max_query_terms"] = MostTermsAlike,
        ["minimum_should_match"] = isOfText ? $"{Ranking.LeastAlike * 100:0}%" : $"{Ranking.LeastAlikeInOtherLanguage}",
    });

    private JsonObject Build(SearchNode node, SearchRequest request) => node switch
    {
        AllOf all => Obj("bool", new JsonObject
        {
            ["must"] = Array(all.Nodes.Where(one => one is not Not).Select(one => Build(one, request))),
            ["must_not"] = Array(all.Nodes.OfType<Not>().Select(one => Build(one.Node, request with { Clauses = null }))),
            ["should"] = Array(all.Preferred is { } preferred ? [Build(preferred, request)] : []),
        }),
        AnyOf any => Should(any.Nodes.Select(one => Build(one, request))),
        MostOf most => Obj("bool", new JsonObject
        {
            ["should"] = Array(most.Nodes.Select(one => Build(one, request))), ["minimum_should_match"] = most.Least,
        }),
        Not not => Obj("bool", new JsonObject { ["must_not"] = Build(not.Node, request with { Clauses = null }) }),
        Words words => Build(words, request),
        Values values =>
            Named(Exact(Column(values.Field), values.AnyOf), request, null, $"{values.Field} is {string.Join(" or ", values.AnyOf)}"),
        Within within => Named(Obj("range", Obj(within.Field, SearchFields.Find(within.Field)!.Kind == FieldKind.Instant
            ? new JsonObject { ["gte"] = within.From, ["lte"] = within.To, ["format"] = "epoch_millis" }
            : new JsonObject { ["gte"] = within.From, ["lte"] = within.To })), request, null, $"{within.Field} is within bounds"),
        _ => throw new InvalidOperationException($"{node.GetType().Name} is not understood yet."),
    };

    private static JsonObject Exact(string column, IReadOnlyList<string> values)
    {
        var some = Terms(column, values.Where(value => value != SearchFields.None));
        return values.Contains(SearchFields.None)
            ? Should([some, Obj("bool", new JsonObject { ["must_not"] = Obj("exists", new JsonObject { ["field"] = column }) })])
            : some;
    }

    private JsonObject Build(Words words, SearchRequest request)
    {
        if (words.Match is TextMatch.Prefix or TextMatch.Fuzzy)
        {
            return Should(PlainColumns(words.Field).Select(column => Find(Open(column, words), column)));
        }

        if (known.IsStopped(words.Text))
        {
            return Should(PlainColumns(words.Field).Select(column => Find(Phrase(column, words.Text), column)));
        }

        if (words.Field is { } field)
        {
            return Should(SearchFields.Columns(field).Select(column => Find(Phrase(TextColumn(column), words.Text), column)));
        }

        var group = request.Clauses?.NextGroup();
        var number = Obj("term",
            Obj(SearchFields.Number, new JsonObject { ["value"] = words.Text.ToLowerInvariant(), ["boost"] = Ranking.Number }));
        return Obj("dis_max", new JsonObject
        {
            ["tie_breaker"] = Ranking.TieBreaker,
            ["queries"] = Array(
            [
                .. Ranking.Stems.Select(stems =>
                    Find(Phrase(TextColumn(stems.Column), words.Text, stems.Boost), stems.Column, group, stems.Boost)),
                Find(number, SearchFields.Number, group, Ranking.Number),
                Find(Phrase(SearchFields.Names, words.Text), SearchFields.Names, group),
            ]),
        });

        JsonObject Find(JsonObject query, string column, int? group = null, float boost = 1) =>
            Named(Guarded(column, query, request), request, group, Clauses.Describe(words, column, boost));
    }

    /// <summary>Has the engine say how much a clause counted.</summary>
    private static JsonObject Named(JsonObject query, SearchRequest request, int? group, string what) =>
        request.Clauses is not { } clauses ? query : Obj("bool", new JsonObject
        {
            ["must"] = query, ["_name"] = clauses.Add(group ?? clauses.NextGroup(), what).ToString(CultureInfo.InvariantCulture),
        });

    /// <summary>Beginnings and misspellings, of words as they stand; of several in one, such as wi-fi*, the last is the beginning.</summary>
    public static JsonObject Open(string column, Words words) => words.Match == TextMatch.Prefix
        ? Obj("match_bool_prefix", Obj(column, AsWritten(words)))
        : Obj("match", Obj(column, AsWritten(words,
            ("fuzziness", words.Edits), ("prefix_length", 1), ("max_expansions", Expansions))));

    /// <summary>Words one after the other, by the stems that a column keeps.</summary>
    public static JsonObject Phrase(string column, string text, double boost = 1) =>
        Obj("match_phrase", Obj(column, new JsonObject { ["query"] = text, ["boost"] = boost }));

    /// <summary>Where the engine keeps a column: comments and notes are objects with a text.</summary>
    public static string TextColumn(string column) =>
        column.EndsWith(SearchFields.Comments, StringComparison.Ordinal) || column.EndsWith(SearchFields.Notes, StringComparison.Ordinal)
            ? column + ".text" : column;

    private static string[] PlainColumns(string? field) => field switch
    {
        null => [SearchFields.Words, SearchFields.NoteWords],
        SearchFields.Title => [SearchFields.Names],
        SearchFields.Notes => [SearchFields.NoteWords],
        _ => [.. SearchFields.Columns(field).Select(TextColumn)],
    };

    /// <summary>What is in the work notes counts only for those who may read them.</summary>
    private static JsonObject Guarded(string column, JsonObject query, SearchRequest request) =>
        SearchFields.IsOfNotes(column)
        ? Obj("bool", new JsonObject { ["must"] = query, ["filter"] = Terms(SearchFields.NoteReaders, request.Tokens) }) : query;

    private static JsonObject AsWritten(Words words, params (string Name, int Value)[] more)
    {
        var query = new JsonObject { ["query"] = words.Text, ["operator"] = "and", ["analyzer"] = ElasticsearchSchema.Plain };
        foreach (var (name, value) in more)
        {
            query[name] = value;
        }

        return query;
    }

    private static JsonObject Terms(string column, IEnumerable<string> values) =>
        Obj("terms", Obj(column, new JsonArray([.. values.Select(value => (JsonNode)value)])));

    /// <summary>At least one of these; nothing where there are none.</summary>
    public static JsonObject Should(IEnumerable<JsonObject> queries) => Array(queries) is { Count: > 0 } some
        ? Obj("bool", new JsonObject { ["should"] = some, ["minimum_should_match"] = 1 }) : Obj("match_none", new JsonObject());

    private static JsonArray Array(IEnumerable<JsonObject> nodes) => [.. nodes];

    private static JsonObject Obj(string name, JsonNode? value) => new() { [name] = value };
}
