using System.ComponentModel.DataAnnotations;
using Itsm.Contracts.ServiceLevels;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels.UseCases;

/// <summary>Agreements and their editions.</summary>
internal static class ManageAgreements
{
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.OneOf<AgreementKind>("kind")], Sorts = ["key", "name"], DefaultSort = "key",
        Summary = new HashSet<string> { "key", "name", "kind", "rank", "version" },
    };

    /// <summary>A new agreement.</summary>
    /// <example>{ "key": "vip", "name": "Board members", "kind": "sla", "rank": 1, "edition": { "calendar": "berlin-office", "targets": [{
    /// "key": "resolution-p1", "metric": "resolution",   "priorities": [1], "promise": { "kind": "business", "duration": "PT2H" } }],
    /// "warnings": [{ "percent": 75 }] } }</example>
    public sealed record CreateRequest
    {
        /// <summary>Short name, unique.</summary>
        [Required, StringLength(60),
            RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens")]
        public required string Key { get; init; }

        /// <summary>Name shown to people.</summary>
        [Required, StringLength(120, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>Between whom it is.</summary>
        public required AgreementKind Kind { get; init; }

        /// <summary>Of two agreements whose targets select a ticket equally closely, the one with the lower rank holds; 100 where left
        /// out.</summary>
        [Range(0, 10_000)]
        public int? Rank { get; init; }

        /// <summary>What is promised; this first edition may begin in the past.</summary>
        [Required]
        public required EditionRequest Edition { get; init; }
    }

    /// <summary>Other words for an agreement; what is absent stays.</summary>
    /// <example>{ "name": "Board members and their assistants", "rank": 2 }</example>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(120, MinimumLength = 2)]
        public Optional<string> Name { get; init; }

        /// <summary>Of two agreements whose targets select a ticket equally closely, the one with the lower rank holds.</summary>
        [Range(0, 10_000)]
        public Optional<int?> Rank { get; init; }
    }

    /// <summary>Another edition.</summary>
    /// <example>{ "edition": { "effectiveFrom": "2027-01-01T00:00:00Z", "calendar": "berlin-office", "targets": [{ "key": "resolution-p1",
    /// "metric": "resolution", "priorities": [1],   "promise": { "kind": "business", "duration": "PT1H" } }] },
    /// "reason": "Agreed with the board." }</example>
    public sealed record PublishRequest
    {
        /// <summary>What is promised.</summary>
        [Required]
        public required EditionRequest Edition { get; init; }

        /// <summary>Why.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    /// <summary>The end of an agreement.</summary>
    /// <example>{ "running": "keep", "reason": "Part of the standard one now." }</example>
    public sealed record RetireRequest
    {
        /// <summary>Whether clocks that are running go on (keep) or are cancelled (rebase); keep where left out.</summary>
        public RunningClocks? Running { get; init; }

        /// <summary>Why.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    /// <summary>What is promised from an instant on.</summary>
    public sealed record EditionRequest
    {
        /// <summary>From when it holds; now where left out.</summary>
        public DateTimeOffset? EffectiveFrom { get; init; }

        /// <summary>What becomes of tickets that are open then; keep where left out.</summary>
        public RunningClocks? Running { get; init; }

        /// <summary>Key of the calendar by which working time counts.</summary>
        [Required]
        public required string Calendar { get; init; }

        /// <summary>Whose calendar is taken where it names one; the agreement's where left out.</summary>
        public CalendarSource? CalendarFrom { get; init; }

        /// <summary>On whose clock the calendar's hours are read; the calendar's where left out, and where the source is unknown.</summary>
        public TimeZoneSource? TimeZoneFrom { get; init; }

        /// <summary>IANA name of the agreement's zone.</summary>
        public string? TimeZone { get; init; }

        /// <summary>IANA names of the zones of affected services, by their reference.</summary>
        public IReadOnlyDictionary<string, string>? ServiceTimeZones { get; init; }

        /// <summary>What is promised. Of several that select the same ticket, that holds which names a service; else a group of requesters;
        /// else a group that works; else a priority; else a kind; else that of the agreement with the lower rank; else the first.</summary>
        [Required, MinLength(1), MaxLength(200)]
        public required IReadOnlyList<TargetRequest> Targets { get; init; }

        /// <summary>Points at which to warn.</summary>
        [MaxLength(20)]
        public IReadOnlyList<ClockPoint>? Warnings { get; init; }

        /// <summary>What is done about a ticket at which point.</summary>
        [MaxLength(20)]
        public IReadOnlyList<StepRequest>? Escalations { get; init; }

        /// <summary>True to carry out steps too whose point lay in the past when the clock was attached; false where left out.</summary>
        public bool? EscalatesOnAttach { get; init; }
    }

    /// <summary>A promise, and for which tickets it holds; without selectors for all.</summary>
    public sealed record TargetRequest
    {
        /// <summary>Short name, unique in the agreement.</summary>
        [Required, StringLength(60),
            RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens")]
        public required string Key { get; init; }

        /// <summary>firstResponse, nextUpdate, resolution; or a word of your own together with conditions.</summary>
        [Required, RegularExpression("^[a-z][a-zA-Z0-9]{0,59}$", ErrorMessage = "a word in camelCase")]
        public required string Metric { get; init; }

        /// <summary>How much time.</summary>
        [Required]
        public required Promise Promise { get; init; }

        /// <summary>Kinds of ticket.</summary>
        [MaxLength(20)]
        public IReadOnlyList<string>? Kinds { get; init; }

        /// <summary>1 to 5.</summary>
        [MaxLength(5)]
        public IReadOnlyList<int>? Priorities { get; init; }

        /// <summary>References of affected services.</summary>
        [MaxLength(200)]
        public IReadOnlyList<string>? Services { get; init; }

        /// <summary>Ids or keys of groups of which the requester is a member.</summary>
        [MaxLength(50)]
        public IReadOnlyList<string>? RequesterGroups { get; init; }

        /// <summary>Ids or keys of groups that work on it.</summary>
        [MaxLength(50)]
        public IReadOnlyList<string>? AssignmentGroups { get; init; }

        /// <summary>When its clock starts, pauses and ends; as usual for the metric where left out.</summary>
        public Conditions? Conditions { get; init; }

        /// <summary>For nextUpdate: true where an update is due after each word of the requester, false (as when left out) where it is due
        /// after each of an agent.</summary>
        public bool? AfterReply { get; init; }
    }

    /// <summary>What is done about a ticket when a clock reaches a point.</summary>
    public sealed record StepRequest
    {
        /// <summary>When.</summary>
        [Required]
        public required ClockPoint At { get; init; }

        /// <summary>What must be measured; any clock of the agreement where left out.</summary>
        public string? Metric { get; init; }

        /// <summary>True to raise the ticket's priority by one.</summary>
        public bool? RaisePriority { get; init; }

        /// <summary>Id or key of the group that the ticket is given to.</summary>
        public string? AssignTo { get; init; }

        /// <summary>Ids or user names of people to whom it is brought to attention.</summary>
        [MaxLength(50)]
        public IReadOnlyList<string>? Notify { get; init; }
    }

    public static void Map(IEndpointRouteBuilder agreements)
    {
        agreements.MapGet("", (ListQuery list, AggregateStore<Agreement> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListAgreements").WithSummary("Lists agreements").Requires(Permissions.Read).Lists<Agreement>(Lists);
        agreements.MapGet("{id}", (string id, Read read, AggregateStore<Agreement> store, CancellationToken ct) =>
            read.OneAsync(store, id, ct))
            .WithName("GetAgreement").WithSummary("Reads an agreement with all its editions, by id or key").Requires(Permissions.Read)
            .Reads<Agreement>();
        agreements.MapPost("",
            (CreateRequest request, Write write, AggregateStore<Agreement> store, Naming naming, CatalogueSource catalogues,
                CancellationToken ct) =>
                KnownAtOnceAsync(catalogues, write.CreateAsync(store, async audit => Agreement.Create(
                    Guid.CreateVersion7(audit.At), request.Key, request.Name, request.Kind, request.Rank ?? 100,
                    await naming.EditionAsync(request.Edition, audit.At, ct), audit), ct)))
            .WithName("CreateAgreement").WithSummary("Adds an agreement").Requires(Permissions.Configure)
            .Produces<Agreement>(StatusCodes.Status201Created);
        agreements.MapPatch("{id}",
            (string id, EditRequest request, Write write, AggregateStore<Agreement> store, CatalogueSource catalogues,
                CancellationToken ct) =>
                KnownAtOnceAsync(catalogues, write.ChangeAsync(store, id, "update", null, (agreement, _) => agreement.Describe(
                    request.Name.Or(agreement.Name, "/name"),
                    request.Rank.Or(agreement.Rank, "/rank")!.Value), ct)))
            .WithName("EditAgreement").WithSummary("Renames an agreement or changes its rank").Requires(Permissions.Configure).ChangesOne()
            .Produces<Agreement>();
        agreements.MapPost("{id}/publish",
            (string id, PublishRequest request, Write write, AggregateStore<Agreement> store, Naming naming, CatalogueSource catalogues,
                CancellationToken ct) =>
                KnownAtOnceAsync(catalogues,
                    write.ChangeAsync(store, id, "publish", request.Reason,
                        async (agreement, audit) => agreement.Publish(await naming.EditionAsync(request.Edition, audit.At, ct), audit),
                        ct)))
            .WithName("PublishAgreementEdition").WithSummary("Publishes another edition of an agreement").Requires(Permissions.Configure)
            .ChangesOne().Produces<Agreement>();
        agreements.MapPost("{id}/retire",
            (string id, RetireRequest request, Write write, AggregateStore<Agreement> store, CatalogueSource catalogues,
                CancellationToken ct) =>
                KnownAtOnceAsync(catalogues,
                    write.ChangeAsync(store, id, "retire", request.Reason,
                        (agreement, audit) => agreement.Retire(request.Running ?? RunningClocks.Keep, audit), ct)))
            .WithName("RetireAgreement").WithSummary("Ends an agreement").Requires(Permissions.Configure).ChangesOne()
            .Produces<Agreement>();
    }
    /// <summary>A ticket opened after the answer is counted by what was answered.</summary>
    private static async Task<IResult> KnownAtOnceAsync(CatalogueSource catalogues, Task<IResult> writing)
    {
        var answer = await writing;
        await catalogues.ForgetAsync();
        return answer;
    }
}
