namespace Itsm.Search.Tests.Judged;

public sealed class NdcgTests
{
    private static readonly Dictionary<string, int> Grades = new() { ["best"] = 3, ["good"] = 2, ["fair"] = 1 };

    [Theory]
    [InlineData("best good fair", 1)]
    [InlineData("best good fair other", 1)]
    [InlineData("", 0)]
    [InlineData("other another", 0)]
    [InlineData("other other other other other other other other other other best", 0)]
    public void The_best_order_is_one_and_nothing_relevant_in_ten_places_nothing(string found, double expected) =>
        Assert.Equal(expected, Ndcg.At(10, found.Split(' '), Grades), 12);

    /// <summary>7 + 3 / log2(3) + 1 / 2 = 9.3928 is the best; here 3 + 7 / log2(3) + 1 / 2 = 7.9165.</summary>
    [Fact]
    public void Gains_are_discounted_by_their_place() =>
        Assert.Equal((3 + (7 / Math.Log2(3)) + 0.5) / (7 + (3 / Math.Log2(3)) + 0.5), Ndcg.At(10, ["good", "best", "fair"], Grades), 12);

    [Fact]
    public void What_is_found_twice_counts_once() =>
        Assert.Equal(Ndcg.At(10, ["best", "other", "good"], Grades), Ndcg.At(10, ["best", "best", "good"], Grades), 12);

    [Fact]
    public void More_relevant_things_than_places_do_not_make_the_best_order_unreachable() =>
        Assert.Equal(1, Ndcg.At(2, ["best", "good"], Grades), 12);

    [Fact]
    public void Nothing_relevant_is_no_question() => Assert.Throws<ArgumentException>(() => Ndcg.At(10, [], new Dictionary<string, int>()));
}
