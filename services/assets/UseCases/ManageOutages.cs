using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing;
using Itsm.Ticketing.Routes;

namespace Itsm.Assets.UseCases;

/// <summary>Outages of services: those that were found, and those that people record, or plan.</summary>
internal static class ManageOutages
{
    private static readonly QueryParameter<string> Service = new("service", QueryValue.Text(60),
        "Those of this service alone: id, number or key.");
    private static readonly QueryParameter<bool> Open = new("open", QueryValue.Flag,
        "true for what is not over, also what is planned; false for what is.");

    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.OneOf<OutageKind>("kind"), Filter.Instant("beginsAt")],
        Sorts = ["beginsAt"], DefaultSort = "-beginsAt", Expanders = [Expander.Thing<ConfigurationItem, ServiceName>("service")],
    };

    /// <summary>What people know a service by.</summary>
    /// <param name="Number">Shown to people.</param>
    /// <param name="Key">Short name in addresses.</param>
    /// <param name="Name">Shown to people.</param>
    public sealed record ServiceName(string Number, string? Key, string Name);

    /// <summary>A new outage, also one that is over, or planned.</summary>
    /// <example>{ "service": "mail", "kind": "maintenance", "title": "Mailboxes move to a new server.", "beginsAt": "2027-01-09T20:00:00Z",
    /// "endsAt": "2027-01-09T23:00:00Z" }</example>
    public sealed record RecordRequest
    {
        /// <summary>Id, number or key of the service.</summary>
        [Required, StringLength(60, MinimumLength = 1)]
        public required string Service { get; init; }

        /// <summary>How bad it is.</summary>
        public required OutageKind Kind { get; init; }

        /// <summary>What it is, in words for those who use the service.</summary>
        [StringLength(200, MinimumLength = 3)]
        public string? Title { get; init; }

        /// <summary>When it begins, or began; now where left out.</summary>
        public DateTimeOffset? BeginsAt { get; init; }

        /// <summary>When it ends, or ended: at most two years later; left out where that is open.</summary>
        public DateTimeOffset? EndsAt { get; init; }

        /// <summary>True where it does not count for the availability.</summary>
        public bool NotCounted { get; init; }

        /// <summary>Why it does not count.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public string? NotCountedReason { get; init; }
    }

    /// <summary>What is absent stays; null removes.</summary>
    /// <example>{ "endsAt": "2027-01-10T01:00:00Z", "notCounted": true, "notCountedReason": "The customers had agreed to it." }</example>
    public sealed record CorrectRequest
    {
        /// <summary>How bad it is.</summary>
        public Optional<OutageKind?> Kind { get; init; }

        /// <summary>What it is, in words for those who use the service.</summary>
        [StringLength(200, MinimumLength = 3)]
        public Optional<string> Title { get; init; }

        /// <summary>When it begins, or began.</summary>
        public Optional<DateTimeOffset?> BeginsAt { get; init; }

        /// <summary>When it ends, or ended; null where that is open.</summary>
        public Optional<DateTimeOffset?> EndsAt { get; init; }

        /// <summary>True where it does not count for the availability.</summary>
        public Optional<bool?> NotCounted { get; init; }

        /// <summary>Why it does not count; goes away with <c>notCounted</c>.</summary>
        [StringLength(1000, MinimumLength = 3)]
        public Optional<string> NotCountedReason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder outages)
    {
        outages.MapGet("", ListAsync).WithName("ListOutages").WithSummary("Lists outages of services")
            .Requires(Permissions.ReadItems).Lists<Outage>(Lists, Service, Open);
        outages.MapGet("{id}", (string id, Read read, AggregateStore<Outage> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetOutage").WithSummary("Reads an outage by id or number").Requires(Permissions.ReadItems).Reads<Outage>(Lists);
        outages.MapPost("", RecordAsync).WithName("RecordOutage").WithSummary("Records an outage of a service, or plans a maintenance")
            .Requires(Permissions.ManageOutages).Produces<Outage>(StatusCodes.Status201Created);
        outages.MapPatch("{id}", CorrectAsync).WithName("CorrectOutage").WithSummary("Corrects an outage, also one that was found")
            .Requires(Permissions.ManageOutages).ChangesOne().Produces<Outage>();
        outages.MapPost("{id}/end", (string id, MoveTicket.Request request, Write write, AggregateStore<Outage> store,
                CancellationToken ct) => write.ChangeAsync(store, id, "end", request.Reason, (outage, audit) => outage.End(audit), ct))
            .WithName("EndOutage").WithSummary("Says that an outage is over now").Requires(Permissions.ManageOutages).ChangesOne()
            .Produces<Outage>();
        outages.MapPost("{id}/cancel", (string id, MoveTicket.Request request, Write write, AggregateStore<Outage> store,
                CancellationToken ct) =>
                write.ChangeAsync(store, id, "cancel", request.Reason, (outage, audit) => outage.Cancel(audit), ct))
            .WithName("CancelOutage").WithSummary("Calls off what has not begun").Requires(Permissions.ManageOutages).ChangesOne()
            .Produces<Outage>();
    }

    private static async Task<IResult> ListAsync(
        ListQuery list, AggregateStore<Outage> store, AggregateStore<ConfigurationItem> items, HttpRequest request, CancellationToken ct)
    {
        var also = new List<Condition>();
        if (Service.TryRead(request, out var service))
        {
            also.Add(Condition.In("service", BsonMapping.Value((await FindAsync(items, service, list.Caller, "?service", ct)).Id)));
        }

        if (Open.TryRead(request, out var open))
        {
            var now = BsonMapping.Value(store.Clock.GetUtcNow());
            also.Add(open ? Condition.Within("until", now, false, null, false) : Condition.Within("until", null, false, now, true));
        }

        return await list.PageAsync(store, Lists, ct, also);
    }

    private static Task<IResult> RecordAsync(RecordRequest request, Write write, AggregateStore<Outage> store,
        NumberSeries<Outage> numbers, AggregateStore<ConfigurationItem> items, CancellationToken ct) =>
        write.CreateAsync(store, async audit =>
        {
            var service = await FindAsync(items, request.Service, write.Caller, "/service", ct);
            var content = new OutageContent
            {
                Kind = request.Kind, Title = request.Title, BeginsAt = request.BeginsAt ?? audit.At, EndsAt = request.EndsAt,
                NotCounted = request.NotCounted, NotCountedReason = request.NotCountedReason,
            };
            content.Require();
            return Outage.Record(await numbers.NextAsync(ct), service, content, audit);
        }, ct);

    private static Task<IResult> CorrectAsync(
        string id, CorrectRequest request, Write write, AggregateStore<Outage> store, CancellationToken ct) =>
        write.ChangeAsync(store, id, "update", null, (outage, audit) =>
        {
            var now = outage.Content;
            var notCounted = request.NotCounted.Or(now.NotCounted, "/notCounted")!.Value;
            outage.Describe(new OutageContent
            {
                Kind = request.Kind.Or(now.Kind, "/kind")!.Value, Title = request.Title.Or(now.Title),
                BeginsAt = request.BeginsAt.Or(now.BeginsAt, "/beginsAt")!.Value, EndsAt = request.EndsAt.Or(now.EndsAt),
                NotCounted = notCounted,
                NotCountedReason = request.NotCountedReason.Or(notCounted ? now.NotCountedReason : null),
            }, audit);
        }, ct);

    private static async ValueTask<ConfigurationItem> FindAsync(
        AggregateStore<ConfigurationItem> items, string service, Caller caller, string pointer, CancellationToken ct) =>
        await items.FindSurvivorAsync(service, ct) is { Class: ConfigurationClass.ItService } item && caller.Sees(item.Readers)
            ? item
            : throw HttpProblemException.Invalid(pointer, FieldCode.NotFound, $"There is no service {service.Quoted} that you can see.");
}
