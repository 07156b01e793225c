using System.ComponentModel.DataAnnotations;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels.UseCases;

/// <summary>Why a clock shows what it shows, and what it would show if something were different.</summary>
internal static class ExplainClock
{
    private const int MostTimes = 100;

    /// <summary>What is to be different; what is left out stays as it is. Nothing is changed.</summary>
    /// <example>{ "priority": 1, "timeZone": "Europe/Lisbon" }</example>
    public sealed record WhatIfRequest
    {
        /// <summary>Key of another calendar.</summary>
        public string? Calendar { get; init; }

        /// <summary>IANA name of another zone on whose clock its hours are read.</summary>
        public string? TimeZone { get; init; }

        /// <summary>The priority that the ticket has had all the time.</summary>
        [Range(1, 5)]
        public int? Priority { get; init; }

        /// <summary>Another promise.</summary>
        public Promise? Promise { get; init; }

        /// <summary>When the ticket was opened instead.</summary>
        public DateTimeOffset? OpenedAt { get; init; }

        /// <summary>Other changes of state than those that were, in order of time, after the ticket was opened.</summary>
        [MaxLength(MostTimes)]
        public IReadOnlyList<StateChange>? States { get; init; }
    }

    /// <summary>A change of a ticket's state.</summary>
    public sealed record StateChange
    {
        /// <summary>When.</summary>
        public required DateTimeOffset At { get; init; }

        /// <summary>To what.</summary>
        public required StateCategory Category { get; init; }
    }

    /// <summary>Two explanations to compare.</summary>
    /// <param name="Actual">As it is.</param>
    /// <param name="WhatIf">As it would be: the clock of the same metric and cycle; null where there would be none.</param>
    public sealed record WhatIfResponse(Explanation Actual, Explanation? WhatIf);

    public static void Map(IEndpointRouteBuilder clocks)
    {
        clocks.MapGet("{id}/explanation", Explain).WithName("ExplainClock")
            .WithSummary("Tells a clock's whole life: when it ran, when not, and why").Requires(Permissions.Read);
        clocks.MapPost("{id}/what-if", WhatIf).WithName("AskWhatIf").WithSummary("Tells what a clock would show with another calendar, "
            + "priority, promise, or other times").Requires(Permissions.Read);
    }

    private static async Task<Explanation> Explain(
        string id, Read read, Projection<ClockRecord> records, AggregateStore<TicketClocks> tickets, CatalogueSource catalogues,
        TimeProvider clock, CancellationToken ct)
    {
        var (ticket, found, _) = await FindAsync(id, read, records, tickets, ct);
        var (catalogue, now) = (await catalogues.GetAsync(ct), clock.GetUtcNow().ToMilliseconds());
        return Explanation.Of(Require(ticket.Evaluate(catalogue, now), found, id), ticket.Id, ticket.Notices, catalogue, now);
    }

    private static async Task<WhatIfResponse> WhatIf(
        string id, WhatIfRequest request, Read read, Projection<ClockRecord> records, AggregateStore<TicketClocks> tickets,
        CatalogueSource catalogues, TimeProvider clock, CancellationToken ct)
    {
        var (ticket, found, record) = await FindAsync(id, read, records, tickets, ct);
        var (catalogue, now) = (await catalogues.GetAsync(ct), clock.GetUtcNow().ToMilliseconds());
        var actual = Require(ticket.Evaluate(catalogue, now), found, id);
        var other = Hypothesis.Of(actual, ticket.Known(now)!, catalogue, request, now);
        var evaluated = ClockEngine.Evaluate(ticket.Id, other.History, other.Catalogue, now);
        var same = evaluated.LastOrDefault(one =>
            one.Target.Metric == record.Metric && one.Life.Offer.Kind == record.AgreementKind && one.Life.Cycle == record.Cycle);
        return new WhatIfResponse(Explanation.Of(actual, ticket.Id, ticket.Notices, catalogue, now),
            same is null ? null : Explanation.Of(same, ticket.Id, [], other.Catalogue, now));
    }

    private static async Task<(TicketClocks Ticket, Guid Clock, ClockRecord Record)> FindAsync(
        string id, Read read, Projection<ClockRecord> records, AggregateStore<TicketClocks> tickets, CancellationToken ct)
    {
        var record = Projection<ClockRecord>.Load(await read.FindAsync(records, id, ct));
        return await tickets.FindAsync(record.Ticket, ct) is { } ticket && read.Caller.Sees(ticket.Readers)
            ? (ticket, record.Id, record)
            : throw HttpProblemException.NotFound("clock", id);
    }

    private static Clock Require(IReadOnlyList<Clock>? clocks, Guid clock, string id) =>
        clocks?.FirstOrDefault(one => one.Id == clock) ?? throw HttpProblemException.NotFound("clock", id);
}
