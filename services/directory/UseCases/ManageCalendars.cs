using System.ComponentModel.DataAnnotations;
using Itsm.Contracts.Directory;
using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Mvc;

namespace Itsm.Directory.UseCases;

/// <summary>Calendars of working time: what service levels count by.</summary>
internal static class ManageCalendars
{
    private const int LargestFeed = 2_000_000;
    private static readonly ListDefinition Lists =
        new() { Filters = [], Sorts = ["key", "name"], DefaultSort = "key", Summary = new HashSet<string> { "key", "name", "version" } };

    /// <summary>A new calendar.</summary>
    /// <example>{ "key": "berlin-shift", "name": "Berlin, late shift", "timeZone": "Europe/Berlin", "week": [{ "day": "monday", "hours": [{
    /// "from": "14:00", "to": "22:00" }] }], "holidays": [{ "name": "New Year", "yearly": "01-01" }] }</example>
    public sealed record CreateRequest
    {
        /// <summary>Short name, unique.</summary>
        [Required, StringLength(60),
            RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens")]
        public required string Key { get; init; }

        /// <summary>Name shown to people.</summary>
        [Required, StringLength(120, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>IANA name: Europe/Berlin.</summary>
        [Required]
        public required string TimeZone { get; init; }

        /// <summary>Working hours by weekday; round the clock is every day from 00:00 to 24:00.</summary>
        [Required, MinLength(1), MaxLength(7)]
        public required IReadOnlyList<WorkingDay> Week { get; init; }

        /// <summary>Days that differ.</summary>
        [MaxLength(2000)]
        public IReadOnlyList<Holiday>? Holidays { get; init; }
    }

    /// <summary>Another edition: what is left out stays as it is.</summary>
    /// <example>{ "holidays": [{ "name": "New Year", "yearly": "01-01" }, { "name": "Move of the office", "date": "2026-06-12" }],
    /// "applies": "fromPublication", "reason": "The office moves." }</example>
    public sealed record PublishRequest
    {
        /// <summary>IANA name: Europe/Berlin.</summary>
        public string? TimeZone { get; init; }

        /// <summary>Working hours by weekday.</summary>
        [MinLength(1), MaxLength(7)]
        public IReadOnlyList<WorkingDay>? Week { get; init; }

        /// <summary>Days that differ.</summary>
        [MaxLength(2000)]
        public IReadOnlyList<Holiday>? Holidays { get; init; }

        /// <summary>From when it holds for clocks that are running. Ended ones never change.</summary>
        public required EditionApplies Applies { get; init; }

        /// <summary>Why.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    /// <summary>Another name.</summary>
    /// <example>{ "name": "Berlin office, ground floor" }</example>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(120, MinimumLength = 2)]
        public Optional<string> Name { get; init; }
    }

    /// <summary>Holidays from another system.</summary>
    /// <example>{
    /// "iCalendar":
    /// "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//holidays//EN\r\nBEGIN:VEVENT\r\nUID:1@example.org\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20261225\r\nSUMMARY:Christmas Day\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "applies": "fromPublication", "reason": "The holidays of the year." }</example>
    public sealed record ImportRequest
    {
        /// <summary>An iCalendar object (RFC 5545): its events are days or hours off.</summary>
        [Required, StringLength(1_000_000)]
        public required string ICalendar { get; init; }

        /// <summary>From when they hold for clocks that are running. Ended ones never change.</summary>
        public required EditionApplies Applies { get; init; }

        /// <summary>Why.</summary>
        [StringLength(1000)]
        public string? Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder calendars)
    {
        calendars.MapGet("", (ListQuery list, AggregateStore<Calendar> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListCalendars").WithSummary("Lists calendars of working time").Requires(Permissions.Read).Lists<Calendar>(Lists);
        calendars.MapGet("{id}", (string id, Read read, AggregateStore<Calendar> store, CancellationToken ct) =>
            read.OneAsync(store, id, ct))
            .WithName("GetCalendar").WithSummary("Reads a calendar with all its editions, by id or key").Requires(Permissions.Read)
            .Reads<Calendar>();
        calendars.MapPost("", (CreateRequest request, Write write, AggregateStore<Calendar> store, CancellationToken ct) =>
                write.CreateAsync(store, audit => ValueTask.FromResult(Calendar.Create(
                    Guid.CreateVersion7(audit.At), request.Key, request.Name, request.TimeZone, request.Week, request.Holidays ?? [],
                    audit)), ct))
            .WithName("CreateCalendar").WithSummary("Adds a calendar of working time").Requires(Permissions.Manage)
            .Produces<Calendar>(StatusCodes.Status201Created);
        calendars.MapPatch("{id}", (string id, EditRequest request, Write write, AggregateStore<Calendar> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, "update", null,
                    (calendar, _) =>
                        calendar.Rename(request.Name.Or(calendar.Name, "/name")), ct))
            .WithName("EditCalendar").WithSummary("Renames a calendar").Requires(Permissions.Manage).ChangesOne().Produces<Calendar>();
        calendars.MapPost("{id}/publish",
            (string id, PublishRequest request, Write write, AggregateStore<Calendar> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, "publish", request.Reason, (calendar, audit) =>
                {
                    var last = calendar.Editions[^1];
                    calendar.Publish(request.TimeZone ?? last.TimeZone, request.Week ?? last.Week, request.Holidays ?? last.Holidays,
                        request.Applies, audit);
                }, ct))
            .WithName("PublishCalendarEdition").WithSummary("Publishes another edition of a calendar").Requires(Permissions.Manage)
            .ChangesOne().Produces<Calendar>();
        calendars.MapPost("{id}/import-holidays",
            (string id, ImportRequest request, Write write, AggregateStore<Calendar> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, "import-holidays", request.Reason, (calendar, audit) =>
                    calendar.AddHolidays(
                        HolidayFeed.Read(request.ICalendar, calendar.Editions[^1].TimeZone, audit.At, ct), request.Applies, audit), ct))
            .WithMetadata(new RequestSizeLimitAttribute(LargestFeed)).WithName("ImportHolidays")
            .WithSummary("Adds the days off of an iCalendar object").Requires(Permissions.Manage).ChangesOne().Produces<Calendar>();
    }
}
