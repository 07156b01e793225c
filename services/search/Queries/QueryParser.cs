using System.Text;
using Itsm.Platform.Unicode;
using Itsm.Platform.Values;

namespace Itsm.Search.Queries;

/// <summary>Reads what people type: words, "phrases", -not, OR, (groups), field:value, field:&gt;=value, field:a..b, prefix*,
/// misspelt~.</summary>
/// <remarks>Every query costs bounded time: length, words and nesting are limited, and nothing can begin with a wildcard.</remarks>
internal ref struct QueryParser
{
    /// <summary>Characters of a query at most.</summary>
    public const int Longest = 1_000;

    private const int MostTerms = 64;
    private const int Deepest = 8;
    private const int ShortestPrefix = 2;
    private const int ShortestFuzzy = 3;
    private const int MostEdits = 2;
    private readonly string _text;
    private int _at;
    private int _terms;
    private int _depth;
    private readonly List<Sentence> _hints = [];

    private QueryParser(string text) => _text = text;

    private readonly char Next => _at < _text.Length ? _text[_at] : '\0';

    /// <summary>The tree of a query; null where it says nothing. What looks like a field and is none is text, for people paste.</summary>
    /// <param name="text">As typed, in any of Unicode's forms.</param>
    /// <param name="hints">Sentences for the caller on what was read otherwise than it looks.</param>
    /// <exception cref="QuerySyntaxException">It can't be understood; the message says what is wrong, the position where.</exception>
    public static SearchNode? Parse(string text, out IReadOnlyList<Sentence> hints)
    {
        if (text.Length > Longest)
        {
            throw new QuerySyntaxException(Longest, $"a query has at most {Longest} characters");
        }

        if (text.AsSpan().IndexOfAnyInRange('\0', '\u001f') is >= 0 and var control && text[control] is not ('\t' or '\n' or '\r'))
        {
            throw new QuerySyntaxException(control, $"a control character");
        }

        var parser = new QueryParser(text.ToNfc());
        var node = parser.Any();
        hints = parser._hints;
        return parser._at < parser._text.Length
            ? throw new QuerySyntaxException(parser._at, $"a closing parenthesis without an opening one")
            : node;
    }

    private SearchNode? Any()
    {
        var alternatives = new List<SearchNode>();
        while (true)
        {
            var start = _at;
            var node = All();
            if (Keyword("OR"))
            {
                alternatives.Add(node ?? throw new QuerySyntaxException(start, $"OR needs something before it"));
                continue;
            }

            if (alternatives.Count == 0)
            {
                return node;
            }

            alternatives.Add(node ?? throw new QuerySyntaxException(_at, $"OR needs something after it"));
            return new AnyOf(alternatives);
        }
    }

    private SearchNode? All()
    {
        var nodes = new List<SearchNode>();
        while (true)
        {
            SkipBlanks();
            if (_at >= _text.Length || Next == ')' || IsKeyword("OR"))
            {
                return nodes.Count switch { 0 => null, 1 => nodes[0], _ => new AllOf(nodes) };
            }

            if (!Keyword("AND"))
            {
                nodes.Add(Term());
            }
        }
    }

    private SearchNode Term()
    {
        var start = _at;
        if (Next == '-' || Keyword("NOT"))
        {
            _at += Next == '-' ? 1 : 0;
            SkipBlanks();
            return _at >= _text.Length || Next is ')' or '-'
                ? throw new QuerySyntaxException(start, $"a minus needs something right after it")
                : new Not(Term());
        }

        if (++_terms > MostTerms)
        {
            throw new QuerySyntaxException(start, $"a query has at most {MostTerms} words and conditions");
        }

        if (Next == '(')
        {
            return Group();
        }

        if (Next == '"')
        {
            return Phrase(null);
        }

        var word = Word();
        return Next != ':' ? Match(null, word, start)
            : SearchFields.Find(word) is { } field && !(_at + 2 < _text.Length && char.IsWhiteSpace(_text[_at + 1])) ? Condition(field)
            : Pasted(word, start);
    }

    private SearchNode Group()
    {
        var start = _at++;
        if (++_depth > Deepest)
        {
            throw new QuerySyntaxException(start, $"parentheses nest at most {Deepest} deep");
        }

        var node = Any() ?? throw new QuerySyntaxException(start, $"empty parentheses");
        if (Next != ')')
        {
            throw new QuerySyntaxException(start, $"a parenthesis that is not closed");
        }

        _at++;
        _depth--;
        return node;
    }

    private Words Pasted(string name, int start)
    {
        _at = start;
        var text = Word(stopsAtColon: false);
        if (!text.Any(char.IsLetterOrDigit))
        {
            throw new QuerySyntaxException(start, $"unexpected {text}");
        }

        if (name.Length > 0)
        {
            var fields = SearchFields.All.Select(known => known.Name);
            _hints.Add($"There is no field {name} with this value: {text} was searched for as text. The fields are {fields.Listed}.");
        }

        return new Words(null, text, TextMatch.Phrase);
    }

    private SearchNode Condition(SearchField field)
    {
        _at++;
        if (field.Kind == FieldKind.Text)
        {
            return Next == '"' ? Phrase(field.Name) : Match(field.Name, Word(), _at);
        }

        var at = _at;
        var sign = Sign();
        var value = Next == '"' ? Quoted() : Word(stopsAtColon: false);
        return value.Length == 0 ? throw new QuerySyntaxException(at, $"{field.Name}: needs a value") : new Asked(field, sign, value, at);
    }

    private string Sign()
    {
        var sign = Next switch { '>' => ">", '<' => "<", _ => "" };
        _at += sign.Length;
        if (sign.Length > 0 && Next == '=')
        {
            _at++;
            sign += "=";
        }

        return sign;
    }

    private readonly Words Match(string? field, string word, int start)
    {
        var tilde = word.LastIndexOf('~');
        if (tilde > 0 && word[(tilde + 1)..] is "" or "1" or "2")
        {
            var text = word[..tilde];
            var edits = word.Length == tilde + 1 ? (text.Length > 5 ? MostEdits : 1) : word[^1] - '0';
            return text.Length < ShortestFuzzy
                ? throw new QuerySyntaxException(start, $"a misspelt word has at least {ShortestFuzzy} letters before the ~")
                : new Words(field, text, TextMatch.Fuzzy, edits);
        }

        if (word.StartsWith('*') || word.StartsWith('?'))
        {
            throw new QuerySyntaxException(start, $"a word can't begin with a wildcard");
        }

        if (word.EndsWith('*'))
        {
            var beginning = word.TrimEnd('*');
            return beginning.Length < ShortestPrefix
                ? throw new QuerySyntaxException(start, $"at least {ShortestPrefix} letters stand before the *")
                : new Words(field, beginning, TextMatch.Prefix);
        }

        return word.Length == 0 ? throw new QuerySyntaxException(start, $"unexpected {Next}")
            : new Words(field, word, TextMatch.Word) { At = start };
    }

    private Words Phrase(string? field) => new Words(field, Quoted(), TextMatch.Phrase);

    private string Quoted()
    {
        var start = _at++;
        var text = new StringBuilder();
        for (; _at < _text.Length; _at++)
        {
            if (Next == '"')
            {
                _at++;
                return text.Length == 0 ? throw new QuerySyntaxException(start, $"empty quotes") : text.ToString();
            }

            if (Next == '\\' && _at + 1 < _text.Length)
            {
                _at++;
            }

            text.Append(Next);
        }

        throw new QuerySyntaxException(start, $"a quote that is not closed");
    }

    private string Word(bool stopsAtColon = true)
    {
        var start = _at;
        while (_at < _text.Length && !char.IsWhiteSpace(Next) && Next is not ('(' or ')' or '"') && !(stopsAtColon && Next == ':'))
        {
            _at++;
        }

        return _text[start.._at];
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && char.IsWhiteSpace(Next))
        {
            _at++;
        }
    }

    private readonly bool IsKeyword(string word) =>
        string.CompareOrdinal(_text, _at, word, 0, word.Length) == 0
            && (_at + word.Length == _text.Length || char.IsWhiteSpace(_text[_at + word.Length]) || _text[_at + word.Length] is '(' or '"');

    private bool Keyword(string word)
    {
        var found = IsKeyword(word);
        _at += found ? word.Length : 0;
        return found;
    }
}

/// <summary>A condition on a field as it was typed: its value is still to be understood.</summary>
/// <param name="Field">The field.</param>
/// <param name="Sign">Empty, or one of <c>&gt; &gt;= &lt; &lt;=</c>.</param>
/// <param name="Value">As typed.</param>
/// <param name="At">Where the value stands.</param>
internal sealed record Asked(SearchField Field, string Sign, string Value, int At) : SearchNode;

/// <summary>A query that can't be understood.</summary>
/// <param name="at">Characters before the place.</param>
/// <param name="problem">What is wrong there.</param>
internal sealed class QuerySyntaxException(int at, Sentence problem) : Exception
{
    /// <summary>What is wrong there.</summary>
    public Sentence Problem { get; } = problem;

    /// <inheritdoc/>
    public override string Message => Problem.ToString();


    /// <summary>Characters before the place.</summary>
    public int At { get; } = at;
}
