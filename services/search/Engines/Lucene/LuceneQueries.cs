using System.Collections.Concurrent;
using Itsm.Search.Queries;
using Lucene.Net.Index;
using Lucene.Net.Queries;
using Lucene.Net.Queries.Mlt;
using Lucene.Net.Search;
using Lucene.Net.Util;

namespace Itsm.Search.Engines.Lucene;

/// <summary>Turns requests into queries of Lucene, with the rule of access inside.</summary>
internal sealed class LuceneQueries(LuceneAnalysis analysis)
{
    private const float TitleBoost = 3;
    private const float NumberBoost = 10;
    private const float TieBreaker = 0.1f;
    private const float LeastAlike = 0.3f;
    private const int MostTermsAlike = 25;
    private const int Expansions = 50;
    private const int MostAccessFilters = 500;
    private readonly ConcurrentDictionary<string, Filter> _access = new();
    private readonly QueryBuilder _builder = new(analysis.ByField);

    /// <summary>What the caller of a request may find.</summary>
    public Query Build(SearchRequest request, IndexReader reader)
    {
        var asked = request.Query is { } node ? Build(node, request) : null;
        var like = request.Like is { } text ? Alike(text, reader) : null;
        var query = (asked, like) switch
        {
            (null, null) => new MatchAllDocsQuery(),
            (null, _) => like,
            (_, null) => asked,
            _ => new BooleanQuery { { like, Occur.MUST }, { new ConstantScoreQuery(asked) { Boost = 0 }, Occur.MUST } },
        };
        return new FilteredQuery(query, Access(SearchFields.Readers, request.Tokens));
    }

    private Query Build(SearchNode node, SearchRequest request) => node switch
    {
        AllOf all => All(all.Nodes, request),
        AnyOf any => Should(any.Nodes.Select(one => Build(one, request))),
        Not not => new BooleanQuery { { new MatchAllDocsQuery(), Occur.MUST }, { Build(not.Node, request), Occur.MUST_NOT } },
        Words words => Build(words, request),
        Values { AnyOf.Count: 0 } => new BooleanQuery(),
        Values values =>
            new ConstantScoreQuery(Any(Exact(values.Field),
                values.Field == SearchFields.Number ? values.AnyOf.Select(value => value.ToLowerInvariant()) : values.AnyOf)),
        Within within => new ConstantScoreQuery(FieldCacheRangeFilter.NewInt64Range(
            LuceneDocuments.Sort + within.Field, Math.Max(within.From, LuceneDocuments.NoNumber + 1), within.To, true, true)),
        _ => throw new InvalidOperationException($"{node.GetType().Name} is not understood yet."),
    };

    private static string Exact(string field) => SearchFields.Find(field) is { } known ? LuceneDocuments.Exact(known) : field;

    private BooleanQuery All(IReadOnlyList<SearchNode> nodes, SearchRequest request)
    {
        var all = new BooleanQuery();
        foreach (var node in nodes)
        {
            all.Add(Build(node is Not not ? not.Node : node, request), node is Not ? Occur.MUST_NOT : Occur.MUST);
        }

        if (nodes.All(node => node is Not))
        {
            all.Add(new MatchAllDocsQuery(), Occur.MUST);
        }

        return all;
    }

    private Query Build(Words words, SearchRequest request) => words.Match switch
    {
        TextMatch.Prefix or TextMatch.Fuzzy => Open(words, request),
        _ when words.Field is { } field => Stemmed(field, words.Text, request) ?? AsWritten(words, request),
        _ => Anywhere(words, request),
    };

    private Query Anywhere(Words words, SearchRequest request)
    {
        if (Stemmed(SearchFields.Title, words.Text, request) is not { } title)
        {
            return AsWritten(words, request);
        }

        title.Boost = TitleBoost;
        return new DisjunctionMaxQuery(TieBreaker)
        {
            title, Stemmed(SearchFields.Description, words.Text, request), Stemmed(SearchFields.Comments, words.Text, request),
            Stemmed(SearchFields.Notes, words.Text, request),
            new TermQuery(new Term(SearchFields.Number, words.Text.ToLowerInvariant())) { Boost = NumberBoost },
            Plain(SearchFields.Names, words.Text),
        };
    }

    /// <summary>Words by their stems, one after the other; null where nothing is left of them, as of stop words.</summary>
    private Query? Stemmed(string field, string text, SearchRequest request) =>
        _builder.CreatePhraseQuery(field, text) is { } query ? Guarded(field, query, request) : null;

    private Query Plain(string field, string text) => _builder.CreatePhraseQuery(field, text) ?? new BooleanQuery();

    /// <summary>Words that the stems leave nothing of are looked for as they stand.</summary>
    private BooleanQuery AsWritten(Words words, SearchRequest request) =>
        Should(Columns(words.Field).Select(field => Guarded(field, Plain(field, words.Text), request)));

    /// <summary>Beginnings and misspellings; of several words in one, such as wi-fi*, the last.</summary>
    private BooleanQuery Open(Words words, SearchRequest request)
    {
        var tokens = analysis.Tokens(SearchFields.Words, words.Text);
        return tokens.Count == 0 ? new BooleanQuery() : Should(Columns(words.Field).Select(field =>
        {
            var all = new BooleanQuery();
            foreach (var token in tokens.SkipLast(1))
            {
                all.Add(new TermQuery(new Term(field, token.Term)), Occur.MUST);
            }

            var last = new Term(field, tokens[^1].Term);
            all.Add(words.Match == TextMatch.Prefix ? Beginning(last) : new FuzzyQuery(last, words.Edits, 1, Expansions, true), Occur.MUST);
            return Guarded(field, all, request);
        }));
    }

    private static Query Beginning(Term term) => term.Field == SearchFields.Names && term.Text.Length <= SearchFields.LongestBeginning
        ? new TermQuery(new Term(LuceneDocuments.Beginnings, term.Text)) : new PrefixQuery(term);

    private static string[] Columns(string? field) => field switch
    {
        null => [SearchFields.Words, SearchFields.NoteWords],
        SearchFields.Title => [SearchFields.Names],
        SearchFields.Notes => [SearchFields.NoteWords],
        _ => [field],
    };

    /// <summary>What is in the work notes counts only for those who may read them.</summary>
    private Query Guarded(string field, Query query, SearchRequest request) =>
        field is SearchFields.Notes or SearchFields.NoteWords
            ? new FilteredQuery(query, Access(SearchFields.NoteReaders, request.Tokens))
            : query;

    private BooleanQuery Alike(string text, IndexReader reader)
    {
        var like = new MoreLikeThis(reader)
        {
            Analyzer = analysis.ByField, MinTermFreq = 1, MinDocFreq = 1, MaxQueryTerms = MostTermsAlike, ApplyBoost = true,
        };
        return Should(new[] { SearchFields.Title, SearchFields.Description }.Select(field =>
        {
            like.FieldNames = [field];
            var query = (BooleanQuery)like.Like(new StringReader(text), field);
            query.MinimumNumberShouldMatch = (int)(query.Clauses.Count * LeastAlike);
            return query;
        }));
    }

    /// <summary>What these tokens may read, kept as bits for each segment as long as there is the segment.</summary>
    private Filter Access(string field, IReadOnlyCollection<string> tokens)
    {
        if (_access.Count > MostAccessFilters)
        {
            _access.Clear();
        }

        return _access.GetOrAdd($"{field} {string.Join(' ', tokens.Order(StringComparer.Ordinal))}", _ =>
            new CachingWrapperFilter(Any(field, tokens)));
    }

    private static TermsFilter Any(string field, IEnumerable<string> values) =>
        new(field, [.. values.Select(value => new BytesRef(value))]);

    private static BooleanQuery Should(IEnumerable<Query> queries)
    {
        var any = new BooleanQuery();
        foreach (var query in queries)
        {
            any.Add(query, Occur.SHOULD);
        }

        return any;
    }
}
