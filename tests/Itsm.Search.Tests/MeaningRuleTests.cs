using CsCheck;
using Itsm.Search.Domain;
using Itsm.Search.Queries;

namespace Itsm.Search.Tests;

public sealed class MeaningRuleTests
{
    private const double Tolerance = 0.02;
    private static readonly Gen<float[]> Direction = Gen.Float[-1, 1].Array[Meaning.Dimensions].Select(parts =>
    {
        var length = MathF.Sqrt(parts.Sum(part => part * part));
        return parts.Select(part => part / Math.Max(length, 1e-6f)).ToArray();
    });

    [Fact]
    public void A_byte_for_each_part_tells_directions_apart_as_well_as_numbers_do() => Gen.Select(Direction, Direction).Sample((one, other) =>
    {
        var exact = one.Zip(other, (a, b) => (double)a * b).Sum();
        Assert.InRange(Meaning.Cosine(Meaning.Of("m", one).Parts(), Meaning.Of("m", other).Parts()), exact - Tolerance, exact + Tolerance);
    });

    [Fact]
    public void Lines_and_tables_are_read_as_words_with_spaces_between() => Assert.Equal(
        new Meant("Monitor shows no picture", "Nothing appears"), Meant.Of("Monitor shows\nno picture ", " Nothing\t\tappears\r\n\n"));

    [Fact]
    public void What_is_first_in_both_orders_comes_first_and_nothing_is_lost_or_doubled()
    {
        var (a, b, c, d) = (Hit(), Hit(), Hit(), Hit());
        Assert.Equal([b, a, d, c], Fusion.Of(Of(a, b, c), Of(b, d), explains: false).Select(hit => hit.Document));
        Assert.Equal([a, b], Fusion.Of(Of(a, b), [], explains: false).Select(hit => hit.Document));

        var explained = Fusion.Of(Of(a), Of(d, a), explains: true)[0];
        Assert.Equal(["place 1 by words", "place 2 by meaning"], explained.Explanation!.Select(one => one.What));
        Assert.Equal(explained.Score, explained.Explanation!.Sum(one => one.Factor), tolerance: 0.0001);

        static IReadOnlyList<SearchHit> Of(params SearchDocument[] documents) =>
            [.. documents.Select(document => new SearchHit(document, 1, new SearchPosition(null, document.Id, null)))];

        static SearchDocument Hit() => new() { Id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch), Kind = "incident" };
    }
}
