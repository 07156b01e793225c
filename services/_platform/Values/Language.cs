using System.Collections.Concurrent;
using System.Text;

namespace Itsm.Platform.Values;

/// <summary>A language in which texts for people are written.</summary>
public sealed class Language
{
    private readonly Lazy<LanguageWords> _words;
    private readonly ConcurrentDictionary<(Type Type, string Member), string> _inSentences = new();

    internal Language(string tag, Func<LanguageWords> words) => (Tag, _words) = (tag, new(words));

    /// <summary>The language of the sources: what has no translation is written in it.</summary>
    public static Language English { get; } = new("en", () => LanguageWords.OfProgram("en"));

    /// <summary>Such as <c>de</c>.</summary>
    public string Tag { get; }

    /// <summary>True for the language of the sources.</summary>
    public bool IsEnglish => this == English;

    /// <summary>What a member of an enum is called where it stands alone: <c>In progress</c>.</summary>
    /// <param name="schema">The enum's name in the contract.</param>
    /// <param name="word">The member's word in JSON.</param>
    public string LabelOf(string schema, string word)
    {
        var spaced = EnumWords.Spaced(word);
        return _words.Value.LabelOf(schema, word) ?? English._words.Value.LabelOf(schema, word)
            ?? char.ToUpperInvariant(spaced[0]) + spaced[1..];
    }

    /// <summary>How a template is written; null where it is not translated.</summary>
    internal IReadOnlyList<TranslationPart>? Find(Sentence sentence) =>
        IsEnglish || sentence.Template is not { } template ? null : _words.Value.Sentences.GetValueOrDefault(template);

    /// <summary>A word; itself where it is not translated.</summary>
    internal string WordOf(string word) => IsEnglish ? word : _words.Value.Words.GetValueOrDefault(word, word);

    /// <summary>A member of an enum within a sentence: as it is among the words (<c>RequestState.draft</c>), else its label with a small
    /// letter.</summary>
    internal string InSentence(Enum member) => _inSentences.GetOrAdd((member.GetType(), member.ToString()), key =>
    {
        var label = LabelOf(EnumWords.TypeOf(key.Type), EnumWords.Of(key.Type, key.Member));
        return IsEnglish ? EnumWords.Spaced(key.Member)
            : _words.Value.Words.GetValueOrDefault($"{EnumWords.TypeOf(key.Type)}.{EnumWords.Of(key.Type, key.Member)}")
            ?? char.ToLowerInvariant(label[0]) + label[1..];
    });
}

/// <summary>A piece of a translated template: a literal and, behind it, an argument; without a name the last.</summary>
internal readonly record struct TranslationPart(string Literal, string? Name, string? Format)
{
    /// <exception cref="FormatException">A brace stands alone.</exception>
    public static IReadOnlyList<TranslationPart> Parse(string template)
    {
        var (parts, literal) = (new List<TranslationPart>(), new StringBuilder());
        for (var at = 0; at < template.Length; at++)
        {
            if (template[at] is not ('{' or '}'))
            {
                literal.Append(template[at]);
            }
            else if (at + 1 < template.Length && template[at + 1] == template[at])
            {
                literal.Append(template[at++]);
            }
            else if (template[at] == '{' && template.IndexOf('}', at) is > 0 and var end)
            {
                var name = template[(at + 1)..end].Split(':', 2);
                parts.Add(new(literal.ToString(), name[0], name.ElementAtOrDefault(1)));
                literal.Clear();
                at = end;
            }
            else
            {
                throw new FormatException($"A brace stands alone: {template}");
            }
        }

        return [.. parts, new(literal.ToString(), null, null)];
    }
}
