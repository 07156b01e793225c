using System.Text.Json;

namespace Itsm.Platform.Values;

/// <summary>What was sent, as messages quote it.</summary>
public static class Quoting
{
    extension(string? text)
    {
        /// <summary>In quotation marks, so that it can be told from the sentence, also where it is empty; the first 100
        /// characters.</summary>
        public Quotation Quoted => new(text);
    }

    /// <summary>At most as many characters, with an ellipsis where there are more; no pair of surrogates is divided.</summary>
    public static string Shortened(this string text, int longest) =>
        text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)] + "…";

    /// <summary>A value as it stands in JSON, where it is short by nature; else what it is.</summary>
    public static object QuotedJson(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object".AsWord,
        JsonValueKind.Array => "a list".AsWord,
        _ => value.GetRawText().Shortened(Quotation.Longest),
    };
}

/// <summary>A text in quotation marks; without them among the arguments of a sentence.</summary>
/// <param name="Text">As it was sent; null is written without marks.</param>
public readonly record struct Quotation(string? Text)
{
    /// <summary>So many characters of it are written.</summary>
    internal const int Longest = 100;

    /// <inheritdoc/>
    public override string ToString() => Text is null ? "null" : $"\"{Text.Shortened(Longest)}\"";
}
