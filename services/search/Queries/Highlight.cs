namespace Itsm.Search.Queries;

/// <summary>Where words of the query stand in a text.</summary>
/// <param name="Field">title, description, resolution, comments or notes.</param>
/// <param name="Text">A part of the text.</param>
/// <param name="Matches">Places in that part.</param>
public sealed record Highlight(string Field, string Text, IReadOnlyList<TextPlace> Matches)
{
    /// <summary>How many there are of a thing found, at most.</summary>
    internal const int Most = 3;

    /// <summary>The words of a query that things are found by: those it excludes stand nowhere.</summary>
    internal static IEnumerable<Words> WordsOf(SearchNode? query) => query switch
    {
        Words words => [words],
        AllOf all => all.Nodes.SelectMany(WordsOf),
        AnyOf any => any.Nodes.SelectMany(WordsOf),
        MostOf most => most.Nodes.SelectMany(WordsOf),
        _ => [],
    };
}

/// <summary>A place in a text.</summary>
/// <param name="Start">Characters before it.</param>
/// <param name="Length">Its characters.</param>
public sealed record TextPlace(int Start, int Length);
