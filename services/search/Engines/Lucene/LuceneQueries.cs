using System.Collections.Concurrent;
using Itsm.Search.Domain;
using Itsm.Search.Domain.Languages;
using Itsm.Search.Queries;
using Lucene.Net.Index;
using Lucene.Net.Queries;
using Lucene.Net.Queries.Function;
using Lucene.Net.Queries.Mlt;
using Lucene.Net.Search;
using Lucene.Net.Util;

namespace Itsm.Search.Engines.Lucene;

/// <summary>Turns requests into queries of Lucene, with the rule of access inside.</summary>
internal sealed class LuceneQueries(LuceneAnalysis analysis, SearchWords known)
{
    private const int MostTermsAlike = 25;
    private const int Expansions = 50;
    private const int MostAccessFilters = 500;
    private readonly ConcurrentDictionary<string, Filter> _access = new();
    private readonly QueryBuilder _builder = new(analysis.ByField);

    /// <summary>What the caller of a request may find.</summary>
    public Query Build(SearchRequest request, IndexReader reader)
    {
        request.Clauses?.Clear();
        var asked = request.Query is { } node ? Build(node, request) : null;
        var like = request.Like is { } text ? Alike(text, request.LikeLanguage == LanguageRule.German, reader) : null;
        var ranked = like ?? (request.Near is { } meaning ? Near(meaning) : null);
        var query = (asked, ranked) switch
        {
            (null, null) => new MatchAllDocsQuery(),
            (null, _) => ranked,
            (_, null) => asked,
            _ => new BooleanQuery { { ranked, Occur.MUST }, { new ConstantScoreQuery(asked) { Boost = 0 }, Occur.MUST } },
        };
        return new FilteredQuery(query, Access(SearchFields.Readers, request.Tokens));
    }

    /// <summary>What lacks what this model tells.</summary>
    public static Query WithoutMeaning(string model) => new BooleanQuery
    {
        { new ConstantScoreQuery(TermRangeFilter.NewStringRange(LuceneDocuments.MeaningModel, null, null, true, true)), Occur.MUST },
        { new TermQuery(new Term(LuceneDocuments.MeaningModel, model)), Occur.MUST_NOT },
    };

    private static BooleanQuery Near(Meaning meaning) => new()
    {
        { new FunctionQuery(new NearMeaning(meaning.Parts())), Occur.MUST },
        { new ConstantScoreQuery(Any(LuceneDocuments.MeaningModel, [meaning.Model])) { Boost = 0 }, Occur.MUST },
    };

    private Query Build(SearchNode node, SearchRequest request) => node switch
    {
        AllOf all => All(all, request),
        AnyOf any => Should(any.Nodes.Select(one => Build(one, request))),
        MostOf most => Should(most.Nodes.Select(one => Build(one, request)), most.Least),
        Not not => new BooleanQuery
        {
            { new MatchAllDocsQuery(), Occur.MUST }, { Build(not.Node, request with { Clauses = null }), Occur.MUST_NOT },
        },
        Words words => Build(words, request),
        Values { AnyOf.Count: 0 } => new BooleanQuery(),
        Values values =>
            Named(new ConstantScoreQuery(Any(Exact(values.Field),
                values.Field == SearchFields.Number ? values.AnyOf.Select(value => value.ToLowerInvariant()) : values.AnyOf)),
                request, null, $"{values.Field} is {string.Join(" or ", values.AnyOf)}"),
        Within within => Named(new ConstantScoreQuery(FieldCacheRangeFilter.NewInt64Range(
            LuceneDocuments.Sort + within.Field, Math.Max(within.From, LuceneDocuments.NoNumber + 1), within.To, true, true)),
            request, null, $"{within.Field} is within bounds"),
        _ => throw new InvalidOperationException($"{node.GetType().Name} is not understood yet."),
    };

    private static string Exact(string field) => SearchFields.Find(field) is { } known ? LuceneDocuments.Exact(known) : field;

    private BooleanQuery All(AllOf node, SearchRequest request)
    {
        var all = new BooleanQuery();
        foreach (var one in node.Nodes)
        {
            all.Add(one is Not not ? Build(not.Node, request with { Clauses = null }) : Build(one, request),
                one is Not ? Occur.MUST_NOT : Occur.MUST);
        }

        if (node.Nodes.All(one => one is Not))
        {
            all.Add(new MatchAllDocsQuery(), Occur.MUST);
        }

        if (node.Preferred is { } preferred)
        {
            all.Add(Build(preferred, request), Occur.SHOULD);
        }

        return all;
    }

    private Query Build(Words words, SearchRequest request)
    {
        if (words.Match is TextMatch.Prefix or TextMatch.Fuzzy)
        {
            return Open(words, request);
        }

        // Words that the stems leave nothing of are looked for as they stand.
        if (known.IsStopped(words.Text))
        {
            return Should(Columns(words.Field).Select(field => Found(Plain(field, words.Text), words, field, request)));
        }

        if (words.Field is { } asked)
        {
            return Should(SearchFields.Columns(asked).Select(field => Found(Plain(field, words.Text), words, field, request)));
        }

        var group = request.Clauses?.NextGroup();
        var best = new DisjunctionMaxQuery(Ranking.TieBreaker);
        foreach (var (column, boost) in Ranking.Stems)
        {
            best.Add(Found(Plain(column, words.Text), words, column, request, group, boost));
        }

        best.Add(Found(new TermQuery(new Term(SearchFields.Number, words.Text.ToLowerInvariant())), words, SearchFields.Number, request,
            group, Ranking.Number));
        best.Add(Found(Plain(SearchFields.Names, words.Text), words, SearchFields.Names, request, group));
        return best;
    }

    /// <summary>Words one after the other.</summary>
    private Query Plain(string field, string text) => _builder.CreatePhraseQuery(field, text) ?? new BooleanQuery();

    private Query Found(Query query, Words words, string field, SearchRequest request, int? group = null, float boost = 1)
    {
        query.Boost = boost;
        return Named(Guarded(field, query, request), request, group, Clauses.Describe(words, field, boost));
    }

    private static Query Named(Query query, SearchRequest request, int? group, string what)
    {
        if (request.Clauses is { } clauses)
        {
            clauses.Add(group ?? clauses.NextGroup(), what, query);
        }

        return query;
    }

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
            return Found(all, words, field, request);
        }));
    }

    private static Query Beginning(Term term) => term.Field == SearchFields.Names && term.Text.Length <= SearchFields.LongestBeginning
        ? new TermQuery(new Term(LuceneDocuments.Beginnings, term.Text)) : new PrefixQuery(term);

    private static string[] Columns(string? field) => field switch
    {
        null => [SearchFields.Words, SearchFields.NoteWords],
        SearchFields.Title => [SearchFields.Names],
        SearchFields.Notes => [SearchFields.NoteWords],
        _ => SearchFields.Columns(field),
    };

    /// <summary>What is in the work notes counts only for those who may read them.</summary>
    private Query Guarded(string field, Query query, SearchRequest request) =>
        SearchFields.IsOfNotes(field)
            ? new FilteredQuery(query, Access(SearchFields.NoteReaders, request.Tokens))
            : query;

    private BooleanQuery Alike(string text, bool isGerman, IndexReader reader)
    {
        var like = new MoreLikeThis(reader)
        {
            Analyzer = analysis.ByField, MinTermFreq = 1, MinDocFreq = 1, MaxQueryTerms = MostTermsAlike, ApplyBoost = true,
        };
        string[] texts = [SearchFields.Title, SearchFields.Description];
        return Should(texts.Concat(texts.Select(field => SearchFields.German + field)).Select(field =>
        {
            like.FieldNames = [field];
            var query = (BooleanQuery)like.Like(new StringReader(text), field);
            query.MinimumNumberShouldMatch = field.StartsWith(SearchFields.German, StringComparison.Ordinal) == isGerman
                ? (int)(query.Clauses.Count * Ranking.LeastAlike)
                : Ranking.LeastAlikeInOtherLanguage;
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

    private static BooleanQuery Should(IEnumerable<Query> queries, int least = 0)
    {
        var any = new BooleanQuery { MinimumNumberShouldMatch = least };
        foreach (var query in queries)
        {
            any.Add(query, Occur.SHOULD);
        }

        return any;
    }
}
