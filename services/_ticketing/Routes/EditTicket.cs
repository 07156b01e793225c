using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>Changes fields of a ticket by JSON Merge Patch; its state moves by actions only.</summary>
public static class EditTicket
{
    /// <summary>What is absent stays; null removes.</summary>
    /// <example>{ "title": "The whole floor is cut off", "affectedService": "network" }</example>
    public record Request
    {
        /// <summary>What it is about, in one line.</summary>
        [StringLength(200, MinimumLength = 3)]
        public Optional<string> Title { get; init; }

        /// <summary>What it is about, in full.</summary>
        [StringLength(32_000)]
        public Optional<string> Description { get; init; }

        /// <summary>Id or user name of the person for whom it is.</summary>
        public Optional<string> Requester { get; init; }

        /// <summary>Id or key of the category.</summary>
        public Optional<string> Category { get; init; }

        /// <summary>True to let only those see it who have it, of all who work on tickets; changed by these.</summary>
        public Optional<bool?> Confidential { get; init; }

        /// <summary>Reference to the affected service.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> AffectedService { get; init; }

        /// <summary>References to the affected configuration items.</summary>
        [MaxLength(100)]
        public Optional<IReadOnlyList<string>> ConfigurationItems { get; init; }
    }

    internal static void Map<TTicket>(IEndpointRouteBuilder tickets, KindNames names, TicketPermissions may)
        where TTicket : Ticket => tickets.MapPatch("{id}",
            (string id, Request request, Write write, AggregateStore<TTicket> store, AggregateStore<Category<TTicket>> categories,
                People people, ConfigurationLookup items, CancellationToken ct) =>
                write.ChangeAsync(store, id, "update", null,
                    (ticket, _) => ApplyAsync(request, ticket, write.Caller, may.Work, categories, people, items, ct), ct))
        .WithName($"Edit{names.Name}").WithSummary($"Changes fields of the {names.Noun}").Requires(may.Edit).ChangesOne()
        .Produces<TTicket>();

    /// <summary>Changes what tickets of all kinds have; for whom it is, and whether it is confidential, by those who work on it
    /// only.</summary>
    public static async ValueTask ApplyAsync<TTicket>(
        Request request, TTicket ticket, Caller caller, Permission work, AggregateStore<Category<TTicket>> categories, People people,
        ConfigurationLookup items, CancellationToken ct)
        where TTicket : Ticket
    {
        ticket.Describe(request.Title.Or(ticket.Title, "/title"), request.Description.Or(ticket.Description));
        if (request.Requester.IsPresent)
        {
            ticket.RequireWorker(caller, work);
            ticket.TransferTo((await people.RequirePersonAsync(request.Requester.Or("", "/requester"), "/requester", ct)).Id);
            ticket.Surround(await people.SurroundingsAsync(ticket.Requester, ticket.AssignmentGroup, ct));
        }

        if (request.Category.IsPresent)
        {
            var category = await categories.RequireCategoryAsync(request.Category.Value, "/category", ct);
            ticket.Categorize(category?.Id, await Category<TTicket>.IsConfidentialAsync(categories, category, ct));
        }

        if (request.Confidential.IsPresent)
        {
            ticket.RequireWorker(caller, work);
            ticket.Seclude(request.Confidential.Or(ticket.Confidential, "/confidential")!.Value);
        }

        if (request.AffectedService.IsPresent || request.ConfigurationItems.IsPresent)
        {
            await AffectAsync(request.AffectedService, request.ConfigurationItems, ticket, caller, items, ct);
        }
    }

    /// <summary>Names what is affected.</summary>
    public static async ValueTask AffectAsync(Optional<string> affectedService, Optional<IReadOnlyList<string>> configurationItems,
        Ticket ticket, Caller caller, ConfigurationLookup items, CancellationToken ct)
    {
        var (service, affected) = (ticket.AffectedService, ticket.ConfigurationItems);
        ticket.Affect(
            await items.RequireServiceAsync(affectedService.Or(service), service, caller, "/affectedService", ct),
            await items.RequireItemsAsync(configurationItems.Or(affected) ?? [], affected, caller, "/configurationItems", ct));
    }
}
