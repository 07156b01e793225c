using System.Globalization;
using System.Text.RegularExpressions;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Platform.WorkingTime;

namespace Itsm.Assets.UseCases;

/// <summary>How much of their service hours services could be used, by month.</summary>
internal sealed partial class ReadAvailability(
    ReadServices services, AggregateStore<Outage> outages, ServiceHours hours)
{
    private const int PageSize = 1_000;
    private const int MostMonths = 24;

    /// <summary>What lasts longer is looked for by its end.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromDays(OutageContent.LongestDays);

    private const string MonthForm = "yyyy-MM";

    private static readonly QueryValue<string> Form = QueryValue.Form(MonthPattern(), $"a month such as 2026-10");
    private static readonly QueryParameter<string> Month = new("month", Form, "The month; this one where none is named.");
    private static readonly QueryParameter<string> From = new("from", Form, "The first of several months.");
    private static readonly QueryParameter<string> To = new("to", Form, "The last of several months, at most 24; this one where left out.");

    /// <summary>How much of its service hours a service could be used.</summary>
    /// <param name="Id">Of its configuration item.</param>
    /// <param name="Number">Shown to people.</param>
    /// <param name="Key">Short name in addresses.</param>
    /// <param name="Name">Shown to people.</param>
    /// <param name="Calendar">Key of the calendar of its service hours; null for all the time.</param>
    /// <param name="TimeZone">IANA name of the zone in which its months begin.</param>
    /// <param name="Months">In order.</param>
    public sealed record ServiceAvailability(
        Guid Id, string Number, string? Key, string Name, string? Calendar, string TimeZone, IReadOnlyList<MonthOfService> Months);

    /// <summary>A month of a service, until now where it is not over.</summary>
    /// <param name="Month">Which: <c>2026-10</c>.</param>
    /// <param name="From">Its begin.</param>
    /// <param name="To">Its end, or now; the begin of a month that is still to come.</param>
    /// <param name="Agreed">The service hours in it.</param>
    /// <param name="Down">Of these without the service.</param>
    /// <param name="Degraded">Of these in which it worked badly, and was not down.</param>
    /// <param name="Maintenance">Of these in which it was worked on, and neither down nor working badly.</param>
    /// <param name="Availability">Per cent of the agreed time that were not down, three decimals, rounded down; null where no time was
    /// agreed on.</param>
    /// <param name="Outages">How many outages of the kind outage count.</param>
    /// <param name="Counted">All outages, degradations and maintenances that count, in order.</param>
    public sealed record MonthOfService(
        string Month, DateTimeOffset From, DateTimeOffset To, TimeSpan Agreed, TimeSpan Down, TimeSpan Degraded, TimeSpan Maintenance,
        decimal? Availability, int Outages, IReadOnlyList<ReadServices.OutageReference> Counted);

    /// <summary>The availability of all services that the caller may use.</summary>
    /// <param name="Month">Which month: <c>2026-10</c>.</param>
    /// <param name="Items">By name.</param>
    public sealed record AvailabilityReport(string Month, IReadOnlyList<ReportedService> Items);

    /// <summary>The availability of a service in a month.</summary>
    /// <param name="Id">Of its configuration item.</param>
    /// <param name="Number">Shown to people.</param>
    /// <param name="Key">Short name in addresses.</param>
    /// <param name="Name">Shown to people.</param>
    /// <param name="Criticality">1 (most) to 4.</param>
    /// <param name="Calendar">Key of the calendar of its service hours; null for all the time.</param>
    /// <param name="Agreed">The service hours in it.</param>
    /// <param name="Down">Of these without the service.</param>
    /// <param name="Degraded">Of these in which it worked badly, and was not down.</param>
    /// <param name="Maintenance">Of these in which it was worked on, and neither down nor working badly.</param>
    /// <param name="Availability">Per cent of the agreed time that were not down; null where no time was agreed on.</param>
    /// <param name="Outages">How many outages of the kind outage count.</param>
    public sealed record ReportedService(
        Guid Id, string Number, string? Key, string Name, int? Criticality, string? Calendar, TimeSpan Agreed, TimeSpan Down,
        TimeSpan Degraded, TimeSpan Maintenance, decimal? Availability, int Outages);

    /// <summary>Services that nobody answers for.</summary>
    /// <param name="Items">The most critical first, then by name.</param>
    public sealed record OwnerlessServices(IReadOnlyList<OwnerlessService> Items);

    /// <summary>A service that nobody answers for.</summary>
    /// <param name="Id">Of its configuration item.</param>
    /// <param name="Number">Shown to people.</param>
    /// <param name="Key">Short name in addresses.</param>
    /// <param name="Name">Shown to people.</param>
    /// <param name="SupportGroup">The group that looks after it.</param>
    /// <param name="Criticality">1 (most) to 4.</param>
    /// <param name="Href">Where it is read.</param>
    public sealed record OwnerlessService(
        Guid Id, string Number, string? Key, string Name, Guid? SupportGroup, int? Criticality, string Href);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("services/{id}/availability", (string id, ReadAvailability read, Caller caller, HttpRequest request,
                CancellationToken ct) => read.OneAsync(id, caller, request, ct))
            .WithName("GetServiceAvailability").WithSummary("Tells how much of its service hours a service could be used, by month")
            .WithTags("Services").Requires(Permissions.ReadItems).Takes(Month, From, To).Produces<ServiceAvailability>();
        api.MapGet("service-reports/availability",
                (ReadAvailability read, Caller caller, HttpRequest request, CancellationToken ct) => read.AllAsync(caller, request, ct))
            .WithName("ReportAvailability").WithSummary("Tells how much of their service hours all services could be used in a month")
            .WithTags("Services").Requires(Permissions.ReadItems).Takes(Month).Produces<AvailabilityReport>();
        api.MapGet("service-reports/ownerless", async (ReadServices services, Caller caller, CancellationToken ct) =>
                new OwnerlessServices([.. (await services.VisibleAsync(caller, ct)).Where(service => service.Owner is null)
                    .OrderBy(service => service.Criticality ?? int.MaxValue)
                    .Select(service => new OwnerlessService(service.Id, service.Number, service.Key, service.Name, service.SupportGroup,
                        service.Criticality, $"/api/v1/services/{service.Id}"))]))
            .WithName("ReportOwnerlessServices").WithSummary("Lists the services that nobody answers for").WithTags("Services")
            .Requires(Permissions.ReadItems).Takes().Produces<OwnerlessServices>();
    }

    [GeneratedRegex("^2[0-9]{3}-(0[1-9]|1[0-2])$")]
    private static partial Regex MonthPattern();

    private async ValueTask<ServiceAvailability> OneAsync(string id, Caller caller, HttpRequest request, CancellationToken ct)
    {
        var service = await services.FindAsync(id, caller, ct);
        var agreed = await hours.OfAsync(ServiceHours.KeyOf(service), ct);
        var (first, last) = MonthsOf(request, agreed);
        var its = await CountedAsync(Condition.In("service", BsonMapping.Value(service.Id)), agreed.BeginOf(first),
            agreed.BeginOf(last.AddMonths(1)), ct);
        return new(service.Id, service.Number, service.Key, service.Name, agreed.Calendar, agreed.TimeZone,
            [.. Enumerable.Range(0, Between(first, last) + 1).Select(month => Of(first.AddMonths(month), agreed, its))]);
    }

    private async ValueTask<AvailabilityReport> AllAsync(Caller caller, HttpRequest request, CancellationToken ct)
    {
        var month = Month.TryRead(request, out var named) ? Parse(named) : ThisMonth("UTC");
        var (from, to) = (month.AddDays(-1), month.AddMonths(1).AddDays(1));
        var its = (await CountedAsync(Condition.In("readers", caller.TokenValues), Utc(from), Utc(to), ct))
            .ToLookup(outage => outage.Service);
        var (reported, calendars) = (new List<ReportedService>(), new Dictionary<string, AgreedHours>());
        foreach (var service in await services.VisibleAsync(caller, ct))
        {
            var key = ServiceHours.KeyOf(service);
            if (!calendars.TryGetValue(key ?? "", out var agreed))
            {
                calendars[key ?? ""] = agreed = await hours.OfAsync(key, ct);
            }

            var one = Of(month, agreed, [.. its[service.Id]]);
            reported.Add(new(service.Id, service.Number, service.Key, service.Name, service.Criticality, agreed.Calendar, one.Agreed,
                one.Down, one.Degraded, one.Maintenance, one.Availability, one.Outages));
        }

        return new(TextOf(month), reported);

        static DateTimeOffset Utc(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
    }

    /// <summary>The outages that count and touch a time.</summary>
    private async ValueTask<IReadOnlyList<Outage>> CountedAsync(
        Condition whose, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        var (since, notOver) = (from - Long, Condition.Within("until", BsonMapping.Value(from), false, null, false));
        var found = new List<Outage>();
        foreach (var (began, order) in new[]
        {
            (Condition.Within("beginsAt", null, false, BsonMapping.Value(since), false), "until"),
            (Condition.Within("beginsAt", BsonMapping.Value(since), true, BsonMapping.Value(to), false), "beginsAt"),
        })
        {
            await foreach (var document in outages.Documents.AllAsync(
                new DocumentQuery([whose, began, notOver], order, false, null, PageSize), ct))
            {
                if (AggregateStore<Outage>.Load(document) is { NotCounted: false, CanceledAt: null } outage)
                {
                    found.Add(outage);
                }
            }
        }

        return [.. found.OrderBy(outage => outage.BeginsAt)];
    }

    private MonthOfService Of(DateOnly month, AgreedHours agreed, IReadOnlyList<Outage> its)
    {
        var (from, end, now) = (agreed.BeginOf(month), agreed.BeginOf(month.AddMonths(1)), outages.Clock.GetUtcNow().ToMilliseconds());
        var to = now < from ? from : now < end ? now : end;
        List<Outage> counted = [.. its.Where(outage => outage.BeginsAt < to && outage.Until > from)];
        var found = Availability.Of(agreed.Hours, from, to, [.. counted.Select(one => (one.Kind, one.BeginsAt, one.Until))]);
        return new(TextOf(month), from, to, found.Agreed, found.Down, found.Degraded, found.Maintenance, found.Percent,
            counted.Count(outage => outage.Kind == OutageKind.Outage), [.. counted.Select(ReadServices.OutageReference.Of)]);
    }

    private (DateOnly First, DateOnly Last) MonthsOf(HttpRequest request, AgreedHours agreed)
    {
        var (one, first, last) = (Month.Of(request), From.Of(request), To.Of(request));
        if (one is not null && (first ?? last) is not null)
        {
            throw HttpProblemException.Invalid("?month", FieldCode.Conflicting, $"month does not go with from and to.");
        }

        if (first is null && last is not null)
        {
            throw HttpProblemException.Invalid("?from", FieldCode.Required, $"from is required where there is a to.");
        }

        var (from, to) = (Parse(first ?? one), Parse(last ?? one));
        if (to < from || Between(from, to) >= MostMonths)
        {
            var named = TextOf(to);
            throw HttpProblemException.Invalid("?to", FieldCode.OutOfRange,
                $"to can't be {named}: it is not before from, and both are of {MostMonths} months at most.");
        }

        return (from, to);

        DateOnly Parse(string? text) => text is null ? ThisMonth(agreed.TimeZone) : ReadAvailability.Parse(text);
    }

    private DateOnly ThisMonth(string zone) =>
        LocalDates.Of(outages.Clock.GetUtcNow(), zone) is var day ? new(day.Year, day.Month, 1) : default;

    private static DateOnly Parse(string month) => DateOnly.ParseExact(month, MonthForm, CultureInfo.InvariantCulture);

    private static string TextOf(DateOnly month) => month.ToString(MonthForm, CultureInfo.InvariantCulture);

    private static int Between(DateOnly first, DateOnly last) => ((last.Year - first.Year) * 12) + last.Month - first.Month;
}
