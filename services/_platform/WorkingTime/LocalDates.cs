using NodaTime;

namespace Itsm.Platform.WorkingTime;

/// <summary>Dates as people in a zone have them. Zones are IANA names; UTC stands for null, and for a name that is unknown.</summary>
public static class LocalDates
{
    /// <summary>The date there at an instant.</summary>
    public static DateOnly Of(DateTimeOffset at, string? zone) => Instant.FromDateTimeOffset(at).InZone(Zone(zone)).Date.ToDateOnly();

    /// <summary>When a date is over there: the first instant of the next. In UTC.</summary>
    public static DateTimeOffset EndOf(DateOnly date, string? zone) =>
        Zone(zone).AtStartOfDay(LocalDate.FromDateOnly(date.AddDays(1))).ToInstant().ToDateTimeOffset();

    /// <summary>The instant of a local time, in UTC: one that a clock change makes happen twice is the first of the two; one that it skips
    /// is read by the clock as it was before the change, and so lies after the gap.</summary>
    public static DateTimeOffset InstantOf(DateTime local, string? zone) =>
        LocalDateTime.FromDateTime(local).InZoneLeniently(Zone(zone)).ToInstant().ToDateTimeOffset();

    private static DateTimeZone Zone(string? zone) =>
        (zone is null ? null : DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone)) ?? DateTimeZone.Utc;
}
