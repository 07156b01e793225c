using CsCheck;
using Itsm.Assets.Domain;
using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

public sealed class DepreciationTests(AssetSuite suite)
{
    [Fact]
    public void The_value_falls_from_the_cost_to_what_remains_and_never_below() => Gen.Select(
        Gen.Long[0, 9_000_000_000_000_000], Gen.Double[0, 1], Gen.Int[0, 60_000], Gen.Int[1, 600], Gen.Int[0, 20_000], Gen.Int[0, 20_000])
        .Sample((cost, part, day, months, first, second) =>
        {
            var (salvage, from) = ((long)(cost * part), new DateOnly(1950, 1, 1).AddDays(day));
            var (earlier, later) = (from.AddDays(Math.Min(first, second)), from.AddDays(Math.Max(first, second)));
            var (before, after) = (ValueOn(earlier), ValueOn(later));
            Assert.Equal((cost, salvage, salvage),
                (ValueOn(from), ValueOn(Depreciation.End(from, months)), ValueOn(Depreciation.End(from, months).AddDays(1))));
            Assert.InRange(after, salvage, before);
            Assert.InRange(before, after, cost);

            // Exact: not further from the line than half a minor unit.
            var total = Depreciation.End(from, months).DayNumber - from.DayNumber;
            var left = Math.Max(0, total - (later.DayNumber - from.DayNumber));
            Assert.True(Int128.Abs(((Int128)(after - salvage) * total) - ((Int128)(cost - salvage) * left)) * 2 <= total);

            long ValueOn(DateOnly at) => Depreciation.BookValue(cost, salvage, from, months, at);
        });

    /// <summary>Half of the month has passed.</summary>
    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(3, 0, 2)]
    [InlineData(2, 1, 2)]
    public void Halves_are_rounded_to_even(long cost, long salvage, long value) =>
        Assert.Equal(value, Depreciation.BookValue(cost, salvage, new DateOnly(2026, 2, 1), 1, new DateOnly(2026, 2, 15)));

    [Fact]
    public async Task The_book_value_is_told_for_a_day_or_what_is_missing_for_it()
    {
        var asset = (await suite.PostAsync(Agent, "assets",
            new
            {
                name = "Server", cost = new { amount = 120_000, currency = "CHF" }, purchasedOn = "2026-01-01", usefulLife = 12,
                salvageValue = 10_500,
            })).Ok();
        Assert.Equal(("2026-07-02", 65_400L), await ValueAsync("?at=2026-07-02"));
        Assert.Equal(("2026-01-01", 120_000L), await ValueAsync("?at=2026-01-01"));
        Assert.Equal(("2040-01-01", 10_500L), await ValueAsync("?at=2040-01-01"));
        Assert.Equal("?at", (await suite.GetAsync(Agent, $"assets/{asset.Id}/book-value?at=2025-12-31")).Problem(400).Pointer);
        Assert.Equal("?at", (await suite.GetAsync(Agent, $"assets/{asset.Id}/book-value?at=today")).Problem(400).Pointer);
        (await suite.PatchAsync(Agent, "assets/" + asset.Id, new { purchasedOn = (string?)null, usefulLife = (int?)null }, "*")).Ok();
        var refused = (await suite.GetAsync(Agent, $"assets/{asset.Id}/book-value")).Problem(409);
        Assert.Equal("asset.no-depreciation", refused.Code);
        Assert.Contains("without purchasedOn, usefulLife.", refused.Text("detail"), StringComparison.Ordinal);

        async Task<(string At, long Value)> ValueAsync(string query)
        {
            var value = (await suite.GetAsync(Agent, $"assets/{asset.Id}/book-value{query}")).Ok();
            Assert.Equal("CHF", value["bookValue"]!.AsObject().Text("currency"));
            return (value.Text("at"), value["bookValue"]!["amount"]!.GetValue<long>());
        }
    }
}
