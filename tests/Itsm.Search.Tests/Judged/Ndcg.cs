namespace Itsm.Search.Tests.Judged;

/// <summary>How good an order of answers is: normalized discounted cumulative gain.</summary>
public static class Ndcg
{
    /// <summary>From 0 (nothing relevant) to 1 (the best order there is). A thing of grade g at place i, from 1, is worth (2^g - 1) /
    /// log2(i + 1).</summary>
    /// <param name="found">In the order of the answer; what is found twice counts once.</param>
    /// <param name="grades">Grade of each relevant thing, above 0; at least one.</param>
    /// <param name="places">How many places count.</param>
    public static double At(int places, IEnumerable<string> found, IReadOnlyDictionary<string, int> grades)
    {
        if (grades.Count == 0 || grades.Values.Any(grade => grade <= 0))
        {
            throw new ArgumentException("Something must be relevant, and no grade is below 1.", nameof(grades));
        }

        var seen = new HashSet<string>();
        return Gain(found.Take(places).Select(id => seen.Add(id) ? grades.GetValueOrDefault(id) : 0))
            / Gain(grades.Values.OrderDescending().Take(places));
    }

    private static double Gain(IEnumerable<int> grades) =>
        grades.Index().Sum(one => (Math.Pow(2, one.Item) - 1) / Math.Log2(one.Index + 2));
}
