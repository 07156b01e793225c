using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Requests.Domain;
using Itsm.Requests.Ordering;
using Itsm.Ticketing;
using Itsm.Ticketing.Routes;

namespace Itsm.Requests.UseCases;

/// <summary>Changes what is asked for by JSON Merge Patch, until it is approved: where people have begun to approve it, they are asked
/// again. Who works on it names what it affects until it has ended, and nobody is asked for that.</summary>
internal static class EditRequest
{
    /// <summary>What is absent stays.</summary>
    /// <example>{ "answers": { "address": "sales.berlin@example.org", "owner": "employee1" } }</example>
    public sealed record Request
    {
        /// <summary>Answers by question; null takes one back.</summary>
        public Optional<Dictionary<string, JsonElement>> Answers { get; init; }

        /// <summary>Id or user name of the person for whom it is.</summary>
        public Optional<string> Requester { get; init; }

        /// <summary>What the form does not ask.</summary>
        [StringLength(32_000)]
        public Optional<string> Description { get; init; }

        /// <summary>Id, number or key of the affected service; for who works on it, also once it is approved.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> AffectedService { get; init; }

        /// <summary>Ids, numbers or keys of the affected configuration items; for who works on it, also once it is approved.</summary>
        [MaxLength(100)]
        public Optional<IReadOnlyList<string>> ConfigurationItems { get; init; }

        internal bool Affects => AffectedService.IsPresent || ConfigurationItems.IsPresent;

        internal bool Revises => Answers.IsPresent || Requester.IsPresent || Description.IsPresent || !Affects;
    }

    public static void Map(IEndpointRouteBuilder requests) => requests.MapPatch("{id}", Handle)
        .WithName(nameof(EditRequest))
        .WithSummary("Changes what is asked for, until it is approved, and names what is affected").Requires(Permissions.OfTickets.Edit)
        .ChangesOne().Produces<ServiceRequest>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<ServiceRequest> requests, Catalog catalog,
        People people, ConfigurationLookup items, CancellationToken ct) =>
        write.ChangeAsync(requests, id, "update", null, async (found, audit) =>
        {
            if (request.Revises)
            {
                var requester = request.Requester.IsPresent
                    ? await OrderItem.RequesterAsync(request.Requester.Or("", "/requester"), write.Caller, people, ct)
                    : null;
                await catalog.ReviseAsync(found, write.Caller, request.Answers.Or([], "/answers"), requester,
                    request.Description.Or(found.Description), audit, ct);
            }

            if (request.Affects)
            {
                found.RequireWorker(write.Caller, Permissions.OfTickets.Work);
                await EditTicket.AffectAsync(request.AffectedService, request.ConfigurationItems, found, write.Caller, items, ct);
            }
        }, ct);
}
