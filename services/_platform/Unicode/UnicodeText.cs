using System.Text;
using ICU4N.Text;

namespace Itsm.Platform.Unicode;

/// <summary>The same letters, whatever way they were typed.</summary>
public static class UnicodeText
{
    /// <summary>The text in Unicode's form C: the letter ü is one code point, not u and two dots. What is half a surrogate pair stays as it
    /// is.</summary>
    public static string ToNfc(this string text) => Ascii.IsValid(text) ? text : Normalizer2.NFCInstance.Normalize(text);
}
