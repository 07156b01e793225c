using Itsm.Platform.WorkingTime;

namespace Itsm.Assets.Domain;

/// <summary>How much of the time that was agreed on a service could be used.</summary>
/// <param name="Agreed">The service hours.</param>
/// <param name="Down">Of these without the service.</param>
/// <param name="Degraded">Of these in which it worked badly.</param>
/// <param name="Maintenance">Of these in which it was worked on.</param>
internal sealed record Availability(TimeSpan Agreed, TimeSpan Down, TimeSpan Degraded, TimeSpan Maintenance)
{
    private const int Thousandths = 100_000;

    /// <summary>The agreed time that was not down, in per cent with three decimals, rounded down: 100 is where nothing was. Null where no
    /// time was agreed on.</summary>
    public decimal? Percent => Agreed == TimeSpan.Zero ? null
        : Math.Floor((decimal)(Agreed - Down).Ticks / Agreed.Ticks * Thousandths) / 1000m;

    /// <summary>Where outages overlap, the worst counts, once.</summary>
    /// <param name="hours">The service hours.</param>
    /// <param name="from">Inclusive.</param>
    /// <param name="to">Exclusive; what would last longer ends then.</param>
    /// <param name="outages">Those that count.</param>
    public static Availability Of(
        WorkingSchedule hours, DateTimeOffset from, DateTimeOffset to,
        IReadOnlyCollection<(OutageKind Kind, DateTimeOffset From, DateTimeOffset To)> outages)
    {
        var (down, bad, all) = (Covered(OutageKind.Outage), Covered(OutageKind.Degradation), Covered(OutageKind.Maintenance));
        return new(hours.Between(from, to), down, bad - down, all - bad);

        TimeSpan Covered(OutageKind mildest)
        {
            var (sum, reached) = (TimeSpan.Zero, from);
            foreach (var (_, begin, end) in outages.Where(outage => outage.Kind <= mildest).OrderBy(outage => outage.From))
            {
                var (start, stop) = (begin > reached ? begin : reached, end < to ? end : to);
                if (start < stop)
                {
                    sum += hours.Between(start, stop);
                    reached = stop;
                }
            }

            return sum;
        }
    }
}
