using System.Text.Json;
using Itsm.Search.Queries;

namespace Itsm.Search.Engines.Elasticsearch;

/// <summary>The index template: how documents are kept and texts become words, the same as embedded.</summary>
internal static class ElasticsearchSchema
{
    /// <summary>The analyzer that leaves words as they stand.</summary>
    public const string Plain = "itsm_plain";

    private const string Stems = "itsm_stems";
    private static readonly object Keyword = new { type = "keyword" };
    private static readonly object Long = new { type = "long" };
    private static readonly object Date = new { type = "date", format = "strict_date_optional_time" };

    /// <summary>For indices whose names begin so.</summary>
    public static byte[] Template(string names, SearchWords words, SearchSettings settings) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        index_patterns = new[] { names + "0*" },
        priority = 200,
        template = new
        {
            settings = new
            {
                number_of_shards = 1, auto_expand_replicas = "0-1", refresh_interval = $"{settings.Refresh.TotalMilliseconds:0}ms",
                analysis = Analysis(words),
            },
            mappings = new Dictionary<string, object> { ["dynamic"] = "strict", ["properties"] = Properties() },
        },
    });

    private static object Analysis(SearchWords words)
    {
        var filters = new Dictionary<string, object>
        {
            ["itsm_possessive"] = new { type = "stemmer", language = "possessive_english" },
            ["itsm_porter"] = new { type = "stemmer", language = "english" },
            ["itsm_stop"] = new { type = "stop", stopwords = words.StopWords },
        };
        List<string> stems = ["itsm_possessive", "asciifolding", "lowercase"];
        if (words.Synonyms.Count > 0)
        {
            filters["itsm_synonyms"] = new { type = "synonym", synonyms = words.Synonyms };
            stems.Add("itsm_synonyms");
        }

        stems.AddRange(["itsm_stop", "itsm_porter"]);
        return new
        {
            filter = filters,
            normalizer = new Dictionary<string, object> { ["itsm_lowercase"] = new { type = "custom", filter = new[] { "lowercase" } } },
            analyzer = new Dictionary<string, object>
            {
                [Stems] = new { type = "custom", tokenizer = "standard", filter = stems },
                [Plain] = new { type = "custom", tokenizer = "standard", filter = new[] { "asciifolding", "lowercase" } },
            },
        };
    }

    private static Dictionary<string, object> Properties()
    {
        string[] words = [SearchFields.Words];
        var properties = new Dictionary<string, object>
        {
            [SearchFields.Id] = Keyword, ["version"] = Long, [SearchFields.ChangedAt] = Date,
            [SearchFields.Readers] = Keyword, [SearchFields.NoteReaders] = Keyword,
            [SearchFields.Number] =
                new { type = "keyword", normalizer = "itsm_lowercase", copy_to = new[] { SearchFields.Names, SearchFields.Words } },
            [SearchFields.Title] = new { type = "text", analyzer = Stems, copy_to = new[] { SearchFields.Names, SearchFields.Words } },
            [SearchFields.Description] = new { type = "text", analyzer = Stems, copy_to = words },
            [ElasticsearchQueries.Resolution] = new { type = "text", analyzer = Stems, copy_to = words },
            [SearchFields.Comments] = Comments(SearchFields.Words), [SearchFields.Notes] = Comments(SearchFields.NoteWords),
            [SearchFields.Words] = PlainText(), [SearchFields.NoteWords] = PlainText(),
            [SearchFields.Names] = new
            {
                type = "text", analyzer = Plain, index_prefixes = new { min_chars = 1, max_chars = SearchFields.LongestBeginning },
            },
        };
        foreach (var field in SearchFields.All.Where(field => field.Kind != FieldKind.Text))
        {
            properties.TryAdd(ElasticsearchQueries.Column(field.Name),
                field.Kind switch { FieldKind.Number => Long, FieldKind.Instant => Date, _ => Keyword });
        }

        return properties;
    }

    private static object PlainText() => new { type = "text", analyzer = Plain };

    private static object Comments(string words) =>
        new
        {
            properties = new { id = Keyword, version = Long, text = new { type = "text", analyzer = Stems, copy_to = new[] { words } } },
        };
}
