using System.Collections.Frozen;

namespace Itsm.Search.Domain.Languages;

/// <summary>Splits German compounds of the words that tickets are made of: Druckertreiber into drucker and treiber.</summary>
internal static class GermanCompounds
{
    private const int ShortestPart = 4;
    private const int ShortestWord = 8;
    private static readonly string[] Joints = ["", "s", "n", "en"];
    private static readonly string[] Endings = ["", "e", "en", "er", "es", "n", "s"];
    private static readonly FrozenSet<string> Known = Read();
    private static readonly int LongestPart = Known.Max(part => part.Length);

    /// <summary>The parts that a word consists of, with letters that join them; none where it is no compound of known parts.</summary>
    public static IReadOnlyList<string> Split(string word)
    {
        var folded = LanguageRule.Fold(word);
        return folded.Length >= ShortestWord && Split(folded, 0) is { Count: > 1 } parts ? parts : [];
    }

    // The longest parts first, which are the fewest.
    private static List<string>? Split(string word, int at)
    {
        for (var length = Math.Min(LongestPart, word.Length - at); length >= ShortestPart; length--)
        {
            var part = word.Substring(at, length);
            if (!Known.Contains(part))
            {
                continue;
            }

            if (Endings.Contains(word[(at + length)..]))
            {
                return [part];
            }

            foreach (var joint in Joints)
            {
                if (string.CompareOrdinal(word, at + length, joint, 0, joint.Length) == 0
                    && Split(word, at + length + joint.Length) is { } rest)
                {
                    return [part, .. rest];
                }
            }
        }

        return null;
    }

    private static FrozenSet<string> Read()
    {
        using var reader = new StreamReader(typeof(GermanCompounds).Assembly.GetManifestResourceStream("german-parts.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet();
    }
}
