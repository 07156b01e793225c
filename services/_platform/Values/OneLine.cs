using System.Globalization;
using System.Text;

namespace Itsm.Platform.Values;

/// <summary>Texts that are read in lists, one line each: titles and names.</summary>
public static class OneLine
{
    /// <summary>What is wrong with a text as a title, to be said after its name; null where nothing is.</summary>
    public static Word? WhyNot(string text) =>
        text.EnumerateRunes().Any(rune =>
            Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            ? "is one line, without control characters".AsWord
            : HasVisible(text) ? null : "is blank".AsWord;

    /// <summary>True where there is something to see.</summary>
    public static bool HasVisible(string text) =>
        text.EnumerateRunes().Any(rune => !Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.NonSpacingMark
            or UnicodeCategory.EnclosingMark));

    /// <summary>Characters as people count them less marks: code points of the trimmed text.</summary>
    public static int Length(string text) => text.Trim().EnumerateRunes().Count();
}
