namespace Itsm.Search.Queries;

/// <summary>A query as a tree that every engine can carry out.</summary>
internal abstract record SearchNode;

/// <summary>All of these.</summary>
internal sealed record AllOf(IReadOnlyList<SearchNode> Nodes) : SearchNode
{
    /// <summary>What need not be there, but counts; null for nothing.</summary>
    public SearchNode? Preferred { get; init; }
}

/// <summary>So many of these.</summary>
internal sealed record MostOf(IReadOnlyList<SearchNode> Nodes, int Least) : SearchNode;

/// <summary>At least one of these.</summary>
internal sealed record AnyOf(IReadOnlyList<SearchNode> Nodes) : SearchNode;

/// <summary>Not this.</summary>
internal sealed record Not(SearchNode Node) : SearchNode;

/// <summary>Words in a text.</summary>
/// <param name="Field">The field; null for all that the caller may read.</param>
/// <param name="Text">As the caller wrote it.</param>
/// <param name="Match">How it is to match.</param>
/// <param name="Edits">For <see cref="TextMatch.Fuzzy"/>: how many letters may differ, 1 or 2.</param>
internal sealed record Words(string? Field, string Text, TextMatch Match, int Edits = 0) : SearchNode
{
    /// <summary>Characters before it in the query.</summary>
    public int At { get; init; }

    /// <summary>Whether it was typed by itself, without field or sign.</summary>
    public bool IsBare => Field is null && Match == TextMatch.Word;
}

/// <summary>One of these exact values; <see cref="SearchFields.None"/> for things without any.</summary>
internal sealed record Values(string Field, IReadOnlyList<string> AnyOf) : SearchNode;

/// <summary>A number within bounds, both included; instants as milliseconds since 1970.</summary>
internal sealed record Within(string Field, long From, long To) : SearchNode;

/// <summary>How words are to match.</summary>
internal enum TextMatch
{
    /// <summary>By the stem.</summary>
    Word,

    /// <summary>One after the other.</summary>
    Phrase,

    /// <summary>By its beginning, as written.</summary>
    Prefix,

    /// <summary>With letters that differ, as written.</summary>
    Fuzzy,
}
