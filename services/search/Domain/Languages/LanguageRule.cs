using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using ICU4N.Text;

namespace Itsm.Search.Domain.Languages;

/// <summary>Tells the language of a text by its commonest words.</summary>
internal static class LanguageRule
{
    public const string English = "en";
    public const string German = "de";

    private static readonly FrozenSet<string> EnglishWords =
        LanguageWords.EnglishStopWords.Concat(LanguageWords.EnglishFunctionWords).ToFrozenSet();

    private static readonly FrozenSet<string> GermanWords = LanguageWords.GermanStopWords.ToFrozenSet();
    private static readonly SearchValues<char> GermanLetters = SearchValues.Create("äöüßÄÖÜ");
    private static readonly string[] GermanEndings = ["ung", "ungen", "keit", "heit", "schaft", "lich", "isch"];

    /// <summary>German where more of its words, umlauts and endings stand in the texts than words of English; else English. Words of both
    /// languages count for neither.</summary>
    public static string Of(params IEnumerable<string?> texts)
    {
        var balance = 0;
        foreach (var word in texts.OfType<string>().SelectMany(Words))
        {
            var folded = Fold(word);
            balance += (GermanWords.Contains(folded) ? 1 : 0) - (EnglishWords.Contains(folded) ? 1 : 0);
            balance += word.AsSpan().ContainsAny(GermanLetters) || (word.Length > 5 && GermanEndings.Any(ending => folded.EndsWith(ending,
                StringComparison.Ordinal))) ? 1 : 0;
        }

        return balance > 0 ? German : English;
    }

    /// <summary>The words of a text, with apostrophes inside.</summary>
    public static IEnumerable<string> Words(string text)
    {
        var start = -1;
        for (var at = 0; at <= text.Length; at++)
        {
            var isLetter = at < text.Length && (char.IsLetterOrDigit(text[at]) || char.GetUnicodeCategory(text[at])
                is UnicodeCategory.NonSpacingMark || (start >= 0 && text[at] is '\'' or '’'));
            if (isLetter && start < 0)
            {
                start = at;
            }
            else if (!isLetter && start >= 0)
            {
                yield return text[start..at].TrimEnd('\'', '’');
                start = -1;
            }
        }
    }

    /// <summary>Small letters without accents; ß is ss.</summary>
    public static string Fold(string word)
    {
        var folded = new StringBuilder(word.Length);
        foreach (var character in Ascii.IsValid(word) ? word : Normalizer2.NFDInstance.Normalize(word))
        {
            if (char.GetUnicodeCategory(character) != UnicodeCategory.NonSpacingMark)
            {
                folded.Append(character switch { 'ß' => "ss", '’' => "'", _ => char.ToLowerInvariant(character).ToString() });
            }
        }

        return folded.ToString();
    }
}
