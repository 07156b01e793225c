using System.Text.Json;
using Itsm.Search.Domain;
using Itsm.Search.Queries;

namespace Itsm.Search.Engines.Elasticsearch;

/// <summary>The index template: how documents are kept and texts become words, the same as embedded.</summary>
internal static class ElasticsearchSchema
{
    /// <summary>The analyzer that leaves words as they stand.</summary>
    public const string Plain = "itsm_plain";

    /// <summary>Who told what documents mean.</summary>
    public const string MeaningModel = "meaning.model";

    /// <summary>What they mean.</summary>
    public const string MeaningVector = "meaning.vector";

    private const string Stems = "itsm_stems";
    private const string GermanStems = "itsm_german_stems";
    private static readonly object Keyword = new { type = "keyword" };
    private static readonly object Long = new { type = "long" };
    private static readonly object Date = new { type = "date", format = "strict_date_optional_time" };

    /// <summary>For indices whose names begin so.</summary>
    /// <param name="names">The beginning.</param>
    /// <param name="words">What words mean.</param>
    /// <param name="settings">How soon they refresh.</param>
    /// <param name="findsMeanings">False for what keeps them only: OpenSearch, and Elasticsearch before 8.14.</param>
    /// <param name="keepsVectors">Elasticsearch from 9.2 on reads documents back without them unless it is told.</param>
    public static byte[] Template(
        string names, SearchWords words, SearchSettings settings, bool findsMeanings, bool keepsVectors)
    {
        var index = new Dictionary<string, object>
        {
            ["number_of_shards"] = 1, ["auto_expand_replicas"] = "0-1", ["refresh_interval"] = $"{settings.Refresh.TotalMilliseconds:0}ms",
            ["analysis"] = Analysis(words),
        };

        if (keepsVectors)
        {
            index["index.mapping.exclude_source_vectors"] = false;
        }

        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            index_patterns = new[] { names + "0*" },
            priority = 200,
            template = new
            {
                settings = index,
                mappings = new Dictionary<string, object> { ["dynamic"] = "strict", ["properties"] = Properties(findsMeanings) },
            },
        });
    }

    private static object Analysis(SearchWords words)
    {
        var filters = new Dictionary<string, object>
        {
            ["itsm_possessive"] = new { type = "stemmer", language = "possessive_english" },
            ["itsm_porter"] = new { type = "stemmer", language = "english" },
            ["itsm_stop"] = new { type = "stop", stopwords = words.EnglishStopWords },
            ["itsm_german_stop"] = new { type = "stop", stopwords = words.GermanStopWords },
            ["itsm_german"] = new { type = "stemmer", language = "light_german" },
        };
        string[] folded = ["asciifolding", "lowercase"];
        List<string> synonyms = [];
        if (words.Synonyms.Count > 0)
        {
            filters["itsm_synonyms"] = new { type = "synonym", synonyms = words.Synonyms };
            synonyms.Add("itsm_synonyms");
        }

        return new
        {
            filter = filters,
            normalizer = new Dictionary<string, object> { ["itsm_lowercase"] = new { type = "custom", filter = new[] { "lowercase" } } },
            analyzer = new Dictionary<string, object>
            {
                [Stems] = Analyzer(["itsm_possessive", .. folded, .. synonyms, "itsm_stop", "itsm_porter"]),
                [GermanStems] = Analyzer([.. folded, .. synonyms, "german_normalization", "itsm_german_stop", "itsm_german"]),
                [Plain] = Analyzer(folded),
            },
        };
    }

    private static object Analyzer(string[] filters) => new { type = "custom", tokenizer = "standard", filter = filters };

    private static Dictionary<string, object> Properties(bool findsMeanings)
    {
        var properties = new Dictionary<string, object>
        {
            [SearchFields.Id] = Keyword, ["version"] = Long, ["language"] = Keyword, [SearchFields.ChangedAt] = Date,
            [SearchFields.Readers] = Keyword, [SearchFields.NoteReaders] = Keyword,
            [SearchFields.Number] =
                new { type = "keyword", normalizer = "itsm_lowercase", copy_to = new[] { SearchFields.Names, SearchFields.Words } },
            [SearchFields.OtherNames] = new { type = "keyword", copy_to = new[] { SearchFields.Names, SearchFields.Words } },
            [SearchFields.German.TrimEnd('.')] = new { properties = German() },
            ["meaning"] = new
            {
                properties = new
                {
                    model = Keyword,
                    vector = findsMeanings
                        ? (object)new
                        {
                            type = "dense_vector", element_type = "byte", dims = Meaning.Dimensions, index = true, similarity = "cosine",
                        }
                        : new { type = "keyword", index = false, doc_values = false },
                },
            },
            [SearchFields.Words] = PlainText(), [SearchFields.NoteWords] = PlainText(),
            [SearchFields.Names] = new
            {
                type = "text", analyzer = Plain, index_prefixes = new { min_chars = 1, max_chars = SearchFields.LongestBeginning },
            },
        };
        foreach (var (name, mapping) in Texts(Stems))
        {
            properties.Add(name, mapping);
        }

        foreach (var field in SearchFields.All.Where(field => field.Kind != FieldKind.Text))
        {
            properties.TryAdd(ElasticsearchQueries.Column(field.Name),
                field.Kind switch { FieldKind.Number => Long, FieldKind.Instant => Date, _ => Keyword });
        }

        return properties;
    }

    private static Dictionary<string, object> German()
    {
        var texts = Texts(GermanStems);
        texts.Add(SearchFields.PartsName, new { type = "text", analyzer = GermanStems });
        return texts;
    }

    private static Dictionary<string, object> Texts(string analyzer)
    {
        return new()
        {
            [SearchFields.Title] = Text(SearchFields.Names, SearchFields.Words), [SearchFields.Description] = Text(SearchFields.Words),
            [SearchFields.Resolution] = Text(SearchFields.Words), [SearchFields.Comments] = Comments(SearchFields.Words),
            [SearchFields.Notes] = Comments(SearchFields.NoteWords),
        };

        object Text(params string[] copies) => new { type = "text", analyzer, copy_to = copies };

        object Comments(string copy) => new { properties = new { id = Keyword, version = Long, text = Text(copy) } };
    }

    private static object PlainText() => new { type = "text", analyzer = Plain };
}
