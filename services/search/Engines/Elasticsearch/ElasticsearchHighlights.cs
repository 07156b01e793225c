using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Search.Domain;
using Itsm.Search.Queries;

namespace Itsm.Search.Engines.Elasticsearch;

/// <summary>Asks the engine where the words of a query stand, and reads its answer.</summary>
internal static class ElasticsearchHighlights
{
    private const int FragmentLength = 180;
    private const int LongestText = 100_000;

    // For private use, so in no text; the engine trims control characters at the ends of a fragment.
    private const char Begin = '\uE000';
    private const char End = '\uE001';

    /// <summary>The texts, in the order in which they are shown; the name of each field and that by which a query asks for it.</summary>
    private static readonly (string Column, string Field, string Asked)[] Texts =
    [
        .. new[] { SearchFields.Title, SearchFields.Description, SearchFields.Resolution, SearchFields.Comments, SearchFields.Notes }
            .SelectMany(field => new[] { field, SearchFields.German + field }.Select(column =>
                (ElasticsearchQueries.TextColumn(column), field,
                    field == SearchFields.Resolution ? SearchFields.Description : field))),
    ];

    /// <summary>What to ask; null where the query has no words.</summary>
    public static JsonObject? Build(SearchRequest request, SearchFlavor flavor)
    {
        var words = Highlight.WordsOf(request.Query).ToList();
        var columns = new JsonObject();
        foreach (var (column, _, asked) in Texts)
        {
            var queries = words.Where(one => one.Field is null || one.Field == asked).SelectMany(one => Queries(column, one)).ToList();
            if (queries.Count > 0)
            {
                columns[column] = new JsonObject
                {
                    ["highlight_query"] = ElasticsearchQueries.Should(queries),
                    ["number_of_fragments"] = asked == SearchFields.Title ? 0 : Highlight.Most,
                };
            }
        }

        return columns.Count == 0 ? null : new JsonObject
        {
            ["type"] = "unified", ["pre_tags"] = new JsonArray(Begin.ToString()), ["post_tags"] = new JsonArray(End.ToString()),
            ["fragment_size"] = FragmentLength,
            [flavor == SearchFlavor.OpenSearch ? "max_analyzer_offset" : "max_analyzed_offset"] = LongestText, ["fields"] = columns,
        };
    }

    /// <summary>The first places, in what the caller may read.</summary>
    public static IReadOnlyList<Highlight> Read(JsonElement hit, SearchDocument document, SearchRequest request) =>
        !hit.TryGetProperty("highlight", out var found) ? [] :
        [
            .. Texts.Where(text => text.Field != SearchFields.Notes || document.NoteReaders.Intersect(request.Tokens).Any())
                .SelectMany(text => found.TryGetProperty(text.Column, out var fragments)
                    ? fragments.EnumerateArray().Select(fragment => Parse(text.Field, fragment.GetString()!)) : [])
                .Take(Highlight.Most),
        ];

    // The columns keep stems: a beginning is looked for there as it is written, and by its own stem.
    private static IEnumerable<JsonObject> Queries(string column, Words words)
    {
        yield return ElasticsearchQueries.Phrase(column, words.Text);
        if (words.Match is TextMatch.Prefix or TextMatch.Fuzzy)
        {
            yield return ElasticsearchQueries.Open(column, words);
        }
    }

    private static Highlight Parse(string field, string fragment)
    {
        var (text, places, start) = (new StringBuilder(fragment.Length), new List<TextPlace>(), 0);
        foreach (var character in fragment)
        {
            switch (character)
            {
                case Begin:
                    start = text.Length;
                    break;
                case End:
                    places.Add(new TextPlace(start, text.Length - start));
                    break;
                default:
                    text.Append(character);
                    break;
            }
        }

        return new Highlight(field, text.ToString(), places);
    }
}
