using Itsm.Platform.WorkingTime;

namespace Itsm.Platform.Tests.WorkingTime;

public sealed class LocalDatesTests
{
    [Theory]
    [InlineData("2026-12-24T23:30:00Z", null, "2026-12-24")]
    [InlineData("2026-12-24T23:30:00Z", "Nowhere/At_all", "2026-12-24")]
    [InlineData("2026-12-24T23:30:00Z", "Europe/Berlin", "2026-12-25")]
    [InlineData("2026-12-25T04:59:59Z", "America/New_York", "2026-12-24")]
    [InlineData("2026-12-24T11:00:00Z", "Pacific/Auckland", "2026-12-25")]
    public void A_date_is_that_of_the_place(string at, string? zone, string date) =>
        Assert.Equal(DateOnly.Parse(date), LocalDates.Of(DateTimeOffset.Parse(at), zone));

    [Theory]
    [InlineData("2026-12-24", null, "2026-12-25T00:00:00Z")]
    [InlineData("2026-12-24", "America/New_York", "2026-12-25T05:00:00Z")]
    [InlineData("2026-03-29", "Europe/Berlin", "2026-03-29T22:00:00Z")] // the day of 23 hours
    [InlineData("2026-09-05", "America/Santiago", "2026-09-06T04:00:00Z")] // its next day begins at one o'clock
    public void A_date_is_over_when_the_next_begins_there(string date, string? zone, string end) =>
        Assert.Equal(DateTimeOffset.Parse(end), LocalDates.EndOf(DateOnly.Parse(date), zone));
}
