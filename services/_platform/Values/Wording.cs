using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Itsm.Platform.Values;

/// <summary>What arguments of sentences can be beside plain values, and how all of them are written.</summary>
public static class Wording
{
    private const int LongestArgument = 1_000;

    extension(string word)
    {
        /// <summary>A noun or another fixed word: it is translated by itself.</summary>
        public Word AsWord => new(word);
    }

    extension<T>(IEnumerable<T> values)
    {
        /// <summary>One after another with commas, each as it would be written alone; a list in the arguments.</summary>
        public Listing Listed => new([.. values.Cast<object?>()]);
    }

    internal static void Append(ref DefaultInterpolatedStringHandler to, object? value, string? format, Language language)
    {
        switch (value)
        {
            case null:
                break;
            case string text:
                to.AppendLiteral(text);
                break;
            case Sentence sentence:
                sentence.In(language).Append(ref to);
                break;
            case Enum member:
                to.AppendLiteral(language.InSentence(member));
                break;
            case Word word:
                to.AppendLiteral(language.WordOf(word.Text));
                break;
            case Listing listing:
                foreach (var (place, item) in listing.Items.Index())
                {
                    to.AppendLiteral(place == 0 ? "" : ", ");
                    Append(ref to, item, format, language);
                }

                break;
            case Joined joined:
                foreach (var (place, sentence) in joined.Sentences.Index())
                {
                    to.AppendLiteral(place == 0 ? "" : joined.Between);
                    sentence.In(language).Append(ref to);
                }

                break;
            default:
                to.AppendFormatted(value, 0, format);
                break;
        }
    }

    internal static void Write(Utf8JsonWriter writer, object? value, Language language)
    {
        switch (value)
        {
            case null or Quotation { Text: null }:
                writer.WriteNullValue();
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int or long or short or byte:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            case DateTimeOffset at:
                writer.WriteStringValue(at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFZ", CultureInfo.InvariantCulture));
                break;
            case DateOnly day:
                writer.WriteStringValue(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
            case TimeSpan duration:
                writer.WriteStringValue(duration.ToIsoText());
                break;
            case Enum member:
                writer.WriteStringValue(EnumWords.Of(member));
                break;
            case Quotation quotation:
                writer.WriteStringValue(quotation.Text.Shortened(Quotation.Longest));
                break;
            case Word word:
                writer.WriteStringValue(word.Text);
                break;
            case Listing listing:
                writer.WriteStartArray();
                foreach (var item in listing.Items)
                {
                    Write(writer, item, language);
                }

                writer.WriteEndArray();
                break;
            case Sentence sentence:
                writer.WriteStringValue(sentence.In(language).ToString().Shortened(LongestArgument));
                break;
            default:
                writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)!.Shortened(LongestArgument));
                break;
        }
    }
}

/// <summary>A noun or another fixed word in a sentence.</summary>
/// <param name="Text">In English.</param>
public readonly record struct Word(string Text)
{
    /// <summary>In English.</summary>
    public override string ToString() => Text;
}

/// <summary>Several values in a sentence.</summary>
/// <param name="Items">In their order.</param>
public readonly record struct Listing(IReadOnlyList<object?> Items)
{
    /// <summary>In English.</summary>
    public override string ToString()
    {
        var text = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture);
        Wording.Append(ref text, this, null, Language.English);
        return text.ToStringAndClear();
    }
}
