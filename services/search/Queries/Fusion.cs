namespace Itsm.Search.Queries;

/// <summary>One order of two: by the sum of reciprocal places, whatever the scores of either mean.</summary>
internal static class Fusion
{
    /// <summary>How many of each order take part.</summary>
    public const int Deep = 50;

    // As usual: the first places count little more than those after them.
    private const double Dampened = 60;

    /// <summary>What is in either, first what is first in both.</summary>
    public static IReadOnlyList<SearchHit> Of(IReadOnlyList<SearchHit> byWords, IReadOnlyList<SearchHit> byMeaning, bool explains) =>
    [
        .. byWords.Index().Select(one => (one.Item, Place: one.Index, Order: "by words"))
            .Concat(byMeaning.Index().Select(one => (one.Item, Place: one.Index, Order: "by meaning")))
            .GroupBy(one => one.Item.Document.Id)
            .Select(same => same.First().Item with
            {
                Score = same.Sum(one => Worth(one.Place)),
                Explanation = !explains ? null
                    : [.. same.OrderBy(one => one.Place).Select(one =>
                        new MatchExplanation($"place {one.Place + 1} {one.Order}", Math.Round(Worth(one.Place), 4)))],
            })
            .OrderByDescending(hit => hit.Score),
    ];

    private static double Worth(int place) => 1 / (Dampened + place + 1);
}
