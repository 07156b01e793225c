using Itsm.Search.Queries;
using Lucene.Net.Analysis;
using Lucene.Net.Analysis.Core;
using Lucene.Net.Analysis.De;
using Lucene.Net.Analysis.En;
using Lucene.Net.Analysis.Miscellaneous;
using Lucene.Net.Analysis.NGram;
using Lucene.Net.Analysis.Standard;
using Lucene.Net.Analysis.Synonym;
using Lucene.Net.Analysis.TokenAttributes;
using Lucene.Net.Analysis.Util;
using Lucene.Net.Util;

namespace Itsm.Search.Engines.Lucene;

/// <summary>How texts become words, embedded.</summary>
internal sealed class LuceneAnalysis : IDisposable
{
    public const LuceneVersion Version = LuceneVersion.LUCENE_48;

    /// <summary>Fields whose values stand in the embedded index as they are. An analyzer keeps its streams for the next document; a field
    /// without one makes a new stream each time, which costs more than all texts together.</summary>
    private static readonly string[] Exact =
    [
        SearchFields.Id, SearchFields.Readers, SearchFields.NoteReaders, LuceneDocuments.MeaningModel,
        .. SearchFields.All.Where(field => field.Kind != FieldKind.Text).Select(LuceneDocuments.Exact),
    ];

    private readonly Analyzer _beginnings = new Plain(beginnings: true);
    private readonly Analyzer _whole = new KeywordAnalyzer();
    private readonly Analyzer _stems;
    private readonly Analyzer _germanStems;
    private readonly Analyzer _plain = new Plain();

    public LuceneAnalysis(SearchWords words)
    {
        _stems = new EnglishStems(words);
        _germanStems = new GermanStems(words);
        ByField = new PerFieldAnalyzerWrapper(_plain, LuceneDocuments.Texts
            .Select(field => KeyValuePair.Create(field, _stems))
            .Concat(LuceneDocuments.Texts.Select(field => KeyValuePair.Create(SearchFields.German + field, _germanStems)))
            .Append(KeyValuePair.Create(SearchFields.Parts, _germanStems))
            .Append(KeyValuePair.Create(LuceneDocuments.Beginnings, _beginnings))
            .Concat(Exact.Select(field => KeyValuePair.Create(field, _whole))).ToDictionary());
    }

    /// <summary>The analyzer of each field.</summary>
    public Analyzer ByField { get; }

    /// <summary>The words of a text as a field keeps them, with the places that they stand at.</summary>
    public List<Token> Tokens(string field, string text)
    {
        var tokens = new List<Token>();
        using var stream = ByField.GetTokenStream(field, text);
        var (term, offset) = (stream.GetAttribute<ICharTermAttribute>(), stream.GetAttribute<IOffsetAttribute>());
        stream.Reset();
        while (stream.IncrementToken())
        {
            tokens.Add(new Token(term.ToString()!, offset.StartOffset, offset.EndOffset));
        }

        stream.End();
        return tokens;
    }

    public void Dispose()
    {
        ByField.Dispose();
        _stems.Dispose();
        _germanStems.Dispose();
        _plain.Dispose();
        _whole.Dispose();
        _beginnings.Dispose();
    }

    /// <summary>A word in a text.</summary>
    /// <param name="Term">As the field keeps it.</param>
    /// <param name="Start">Characters before it.</param>
    /// <param name="End">Characters before what follows it.</param>
    internal readonly record struct Token(string Term, int Start, int End);

    /// <summary>Texts of several comments are no single text: a phrase does not reach from one into the next.</summary>
    private abstract class Separated : Analyzer
    {
        private const int Gap = 100;

        public override int GetPositionIncrementGap(string fieldName) => Gap;
    }

    private abstract class Stems(SearchWords words) : Separated
    {
        private readonly SynonymMap? _synonyms = words.Synonyms.Count == 0 ? null : Map(words.Synonyms);

        protected TokenStream Folded(TokenStream stream)
        {
            stream = new LowerCaseFilter(Version, new ASCIIFoldingFilter(stream));
            return _synonyms is null ? stream : new SynonymFilter(stream, _synonyms, ignoreCase: false);
        }

        protected static CharArraySet Set(IEnumerable<string> words) => new(Version, (ICollection<string>)[.. words], ignoreCase: false);

        private static SynonymMap Map(IReadOnlyList<string> sets)
        {
            using var plain = new Plain();
            var parser = new SolrSynonymParser(dedup: true, expand: true, plain);
            parser.Parse(new StringReader(string.Join('\n', sets)));
            return parser.Build();
        }
    }

    private sealed class EnglishStems(SearchWords words) : Stems(words)
    {
        private readonly CharArraySet _stop = Set(words.EnglishStopWords);

        protected override TokenStreamComponents CreateComponents(string fieldName, TextReader reader)
        {
            var tokenizer = new StandardTokenizer(Version, reader);
            var stream = Folded(new EnglishPossessiveFilter(Version, tokenizer));
            return new TokenStreamComponents(tokenizer, new PorterStemFilter(new StopFilter(Version, stream, _stop)));
        }
    }

    private sealed class GermanStems(SearchWords words) : Stems(words)
    {
        private readonly CharArraySet _stop = Set(words.GermanStopWords);

        protected override TokenStreamComponents CreateComponents(string fieldName, TextReader reader)
        {
            var tokenizer = new StandardTokenizer(Version, reader);
            return new TokenStreamComponents(tokenizer,
                new GermanLightStemFilter(new StopFilter(Version, new GermanNormalizationFilter(Folded(tokenizer)), _stop)));
        }
    }

    private sealed class Plain(bool beginnings = false) : Separated
    {
        protected override TokenStreamComponents CreateComponents(string fieldName, TextReader reader)
        {
            var tokenizer = new StandardTokenizer(Version, reader);
            var words = new LowerCaseFilter(Version, new ASCIIFoldingFilter(tokenizer));
            return new TokenStreamComponents(tokenizer,
                beginnings ? new EdgeNGramTokenFilter(Version, words, 1, SearchFields.LongestBeginning) : words);
        }
    }
}
