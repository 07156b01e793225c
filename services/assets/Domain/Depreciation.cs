namespace Itsm.Assets.Domain;

/// <summary>What an asset is still worth: a straight line from its cost on the day of its purchase to its salvage value at the end of its
/// useful life, counted in days.</summary>
internal static class Depreciation
{
    /// <summary>The first day on which it is worth its salvage value alone.</summary>
    /// <param name="from">The day of its purchase.</param>
    /// <param name="months">Its useful life.</param>
    public static DateOnly End(DateOnly from, int months) => from.AddMonths(months);

    /// <summary>The value on a day, in the minor unit of the currency, halves rounded to even.</summary>
    /// <param name="cost">What it cost, in the minor unit.</param>
    /// <param name="salvage">What remains at the end: 0 to <paramref name="cost"/>.</param>
    /// <param name="from">The day of its purchase.</param>
    /// <param name="months">Its useful life, 1 or more.</param>
    /// <param name="at">The day, not before <paramref name="from"/>.</param>
    public static long BookValue(long cost, long salvage, DateOnly from, int months, DateOnly at)
    {
        var (total, left) = (End(from, months).DayNumber - from.DayNumber, End(from, months).DayNumber - at.DayNumber);
        if (left <= 0)
        {
            return salvage;
        }

        var (whole, rest) = Int128.DivRem((Int128)(cost - salvage) * left, total);
        var isUp = rest * 2 > total || (rest * 2 == total && Int128.IsOddInteger(salvage + whole));
        return (long)(salvage + whole + (isUp ? 1 : 0));
    }
}
