using System.Text.Json;

namespace Itsm.Platform.Values;

/// <summary>What was sent, as messages quote it.</summary>
public static class Quoting
{
    private const int Longest = 100;

    extension(string? text)
    {
        /// <summary>In quotation marks, so that it can be told from the sentence, also where it is empty; the first 100
        /// characters.</summary>
        public string Quoted => text is null ? "null" : $"\"{text.Shortened(Longest)}\"";
    }

    /// <summary>At most as many characters, with an ellipsis where there are more; no pair of surrogates is divided.</summary>
    public static string Shortened(this string text, int longest) =>
        text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)] + "…";

    /// <summary>A value as it stands in JSON, where it is short by nature; else what it is.</summary>
    public static string QuotedJson(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => value.GetRawText().Shortened(Longest),
    };
}
