using Itsm.Search.Domain;
using Itsm.Search.Domain.Languages;
using Itsm.Search.Queries;
using Lucene.Net.Util.Automaton;

namespace Itsm.Search.Engines.Lucene;

/// <summary>Shows where the words of a query stand in what was found, in what the caller may read.</summary>
internal sealed class LuceneHighlighter(LuceneAnalysis analysis)
{
    private const int LongestText = 10_000;
    private const int FragmentLength = 200;
    private const int Lead = 60;

    /// <summary>A matcher for the words of a request; reusable for all that was found.</summary>
    public Matcher For(SearchRequest request) => new(analysis, [.. Highlight.WordsOf(request.Query)], request.Tokens);

    /// <summary>Finds the words of one query.</summary>
    internal sealed class Matcher(LuceneAnalysis analysis, IReadOnlyList<Words> words, IReadOnlyCollection<string> tokens)
    {
        private readonly Dictionary<string, List<(Words Words, string[] Terms, Func<string, bool> IsLast)>> _patterns =
            new[] { LanguageRule.English, LanguageRule.German }.ToDictionary(language => language, language => words
                .Select(one => Pattern(analysis, TitleIn(language), one)).Where(pattern => pattern.Terms.Length > 0).ToList());

        /// <summary>The first places where the words stand, one for each text.</summary>
        public IReadOnlyList<Highlight> Of(SearchDocument document) =>
            [.. Texts(document).Select(text => Find(document.Language, text.Field, text.Text)).OfType<Highlight>().Take(Highlight.Most)];

        private static string TitleIn(string language) =>
            language == LanguageRule.German ? SearchFields.German + SearchFields.Title : SearchFields.Title;

        private IEnumerable<(string Field, string? Text)> Texts(SearchDocument document) =>
        [
            (SearchFields.Title, document.Title), (SearchFields.Description, document.Description),
            (SearchFields.Resolution, document.Resolution),
            .. document.Comments.Select(comment => (SearchFields.Comments, comment.Text)),
            .. document.NoteReaders.Intersect(tokens).Any() ? document.Notes.Select(note => (SearchFields.Notes, note.Text)) : [],
        ];

        private Highlight? Find(string language, string field, string? text)
        {
            if (text is null)
            {
                return null;
            }

            text = text.Length > LongestText ? text[..LongestText] : text;
            var asked = field == SearchFields.Resolution ? SearchFields.Description : field;
            List<(int Start, int End)> found = [];
            foreach (var plain in new[] { false, true })
            {
                var patterns = _patterns[language].Where(pattern =>
                    (pattern.Words.Field is null || pattern.Words.Field == asked) && IsPlain(pattern.Words) == plain).ToList();
                var words = patterns.Count == 0 ? [] : analysis.Tokens(plain ? SearchFields.Words : TitleIn(language), text);
                found.AddRange(patterns.SelectMany(pattern => Places(words, pattern.Terms, pattern.IsLast)));
            }

            return found.Count == 0 ? null : Cut(field, text, [.. found.Distinct().Order()]);
        }

        private static IEnumerable<(int Start, int End)> Places(
            List<LuceneAnalysis.Token> tokens, string[] terms, Func<string, bool> isLast)
        {
            for (var at = 0; at + terms.Length <= tokens.Count; at++)
            {
                var length = 0;
                while (length < terms.Length - 1 && tokens[at + length].Term == terms[length])
                {
                    length++;
                }

                if (length == terms.Length - 1 && isLast(tokens[at + length].Term))
                {
                    yield return (tokens[at].Start, tokens[at + length].End);
                }
            }
        }

        private static Highlight Cut(string field, string text, List<(int Start, int End)> places)
        {
            var from = text.Length <= FragmentLength ? 0 : Math.Max(0, places[0].Start - Lead);
            if (from > 0 && text.IndexOf(' ', from) is >= 0 and var blank && blank < places[0].Start)
            {
                from = blank + 1;
            }

            var to = Math.Min(text.Length, from + FragmentLength);
            return new Highlight(field, text[from..to],
                [.. places.Where(place => place.End <= to).Select(place => new TextPlace(place.Start - from, place.End - place.Start))]);
        }

        private static bool IsPlain(Words words) => words.Match is TextMatch.Prefix or TextMatch.Fuzzy;

        private static (Words Words, string[] Terms, Func<string, bool> IsLast) Pattern(
            LuceneAnalysis analysis, string stems, Words words)
        {
            string[] terms = [.. analysis.Tokens(IsPlain(words) ? SearchFields.Words : stems, words.Text)
                .Select(token => token.Term)];
            var last = terms.Length == 0 ? "" : terms[^1];
            if (words.Match != TextMatch.Fuzzy)
            {
                return (words, terms, words.Match == TextMatch.Prefix ? term =>
                    term.StartsWith(last, StringComparison.Ordinal) : term => term == last);
            }

            var automaton = new CharacterRunAutomaton(new LevenshteinAutomata(last, withTranspositions: true).ToAutomaton(words.Edits));
            return (words, terms, automaton.Run);
        }
    }
}
