using System.Collections.Concurrent;

namespace Itsm.Platform.Values;

/// <summary>What the sentences of one place in the source have in common.</summary>
/// <param name="Template">The English words with the arguments' names in braces.</param>
/// <param name="Names">Of the arguments in order; one that occurs twice stands twice.</param>
internal sealed record SentenceShape(string Template, string[] Names)
{
    // As many as there are sentences in the source: every read of a ticket says why a dozen actions are not to be had.
    private static readonly ConcurrentDictionary<object?[], SentenceShape> Known = new(new SameWords());

    /// <summary>The shape of a sentence of the source.</summary>
    /// <param name="parts">As <see cref="Sentence"/> keeps them.</param>
    public static SentenceShape Of(object?[] parts) =>
        Known.TryGetValue(parts, out var known) ? known
        : Known.GetOrAdd([.. parts.Select((part, place) => IsValue(place) ? null : part)], Make);

    private static SentenceShape Make(object?[] parts)
    {
        var holes = parts.Where((_, place) => place % 3 == 2).Select(part => part as Hole ?? new Hole((string)part!, null)).ToList();
        var names = ArgumentNames.Of(holes.Select(hole => hole.Expression));
        return new(ArgumentNames.Template(parts.Where((_, place) => place % 3 == 0).Select(part => part as string ?? ""),
            names.Zip(holes, (name, hole) => (name, hole.Format))), names);
    }

    private static bool IsValue(int place) => place % 3 == 1;

    /// <summary>An argument that is written in a format.</summary>
    internal sealed record Hole(string Expression, string? Format);

    private sealed class SameWords : IEqualityComparer<object?[]>
    {
        public bool Equals(object?[]? one, object?[]? other)
        {
            for (var place = 0; place < one!.Length && one.Length == other!.Length; place++)
            {
                if (!IsValue(place) && !Equals(one[place], other[place]))
                {
                    return false;
                }
            }

            return one.Length == other!.Length;
        }

        public int GetHashCode(object?[] parts)
        {
            var hash = parts.Length;
            for (var place = 0; place < parts.Length; place++)
            {
                hash = IsValue(place) ? hash : (hash * 31) + ((parts[place] as string)?.Length ?? 0);
            }

            return hash;
        }
    }
}
