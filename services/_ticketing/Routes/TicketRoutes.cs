using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>What callers do to tickets of any kind: watch, link, override the priority.</summary>
public static class TicketRoutes
{
    private const int MostLinks = 200;

    /// <summary>A person to watch; oneself where left out.</summary>
    /// <example>{ "person": "manager1" }</example>
    public sealed record WatchRequest
    {
        /// <summary>Id or user name.</summary>
        public string? Person { get; init; }
    }

    /// <summary>A link to another thing.</summary>
    /// <example>{ "type": "relatesTo", "targetKind": "incident", "target": "INC0001001" }</example>
    public sealed record LinkRequest
    {
        /// <summary>How the two relate, as seen from this ticket.</summary>
        public required LinkType Type { get; init; }

        /// <summary>What the other is: a ticket of this kind, or <c>problem</c>, <c>change</c>, <c>article</c>, <c>configurationItem</c>,
        /// <c>url</c>…</summary>
        [Required, RegularExpression("^[a-z][a-zA-Z]{1,39}$", ErrorMessage = "a word in camelCase")]
        public required string TargetKind { get; init; }

        /// <summary>Its id, number or address.</summary>
        [Required, StringLength(500, MinimumLength = 1)]
        public required string Target { get; init; }
    }

    /// <summary>Another priority than the computed one.</summary>
    /// <example>{ "priority": 1, "reason": "The board meets in this room at noon." }</example>
    public sealed record OverrideRequest
    {
        /// <summary>1 (critical) to 5 (planning).</summary>
        [Range(1, 5)]
        public required int Priority { get; init; }

        /// <summary>Why.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    /// <summary>Why.</summary>
    /// <example>{ "reason": "The meeting is over." }</example>
    public sealed record ReasonRequest
    {
        /// <summary>In the actor's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    extension(IEndpointRouteBuilder tickets)
    {
        /// <summary>Maps <c>{id}/watch</c>, <c>{id}/unwatch</c>: oneself with <paramref name="read"/>, others with
        /// <paramref name="edit"/>.</summary>
        public void MapWatchers<TTicket>(Permission read, Permission edit)
            where TTicket : Ticket
        {
            foreach (var (action, watches) in new[] { ("watch", true), ("unwatch", false) })
            {
                tickets.MapPost($"{{id}}/{action}",
                    async (string id, WatchRequest request, Write writing, AggregateStore<TTicket> store, People people,
                        CancellationToken ct) =>
                    {
                        var person = await people.RequirePersonIdAsync(request.Person, "/person", ct) ?? writing.Caller.Person;
                        if (person != writing.Caller.Person && !writing.Caller.May(edit.Name))
                        {
                            throw new HttpProblemException(Problems.Create(403, "permission-missing", $"Permission missing",
                                $"For others this needs the permission {edit.Name}."));
                        }

                        return await writing.ChangeAsync(store, id, action, null, (ticket, _) =>
                        {
                            if (watches && ticket.WhyNotWatch(writing.Caller) is { } why)
                            {
                                throw new HttpProblemException(Problems.Create(403, "substitute-only", $"As a substitute only", why));
                            }

                            ticket.Watch(person, watches);
                        }, ct);
                    })
                    .WithName($"{char.ToUpperInvariant(action[0])}{action[1..]}{typeof(TTicket).Name}")
                    .WithSummary(watches ? "Adds a watcher: somebody who wants to hear of it, and sees it" : "Removes a watcher")
                    .Requires(read).ChangesOne().Produces<TTicket>();
            }
        }

        /// <summary>Maps <c>{id}/override-priority</c> and <c>{id}/clear-priority-override</c>.</summary>
        public void MapPriorityOverride<TTicket>(Permission permission)
            where TTicket : Ticket
        {
            tickets.MapPost("{id}/override-priority",
                (string id, OverrideRequest request, Write writing, AggregateStore<TTicket> store, CancellationToken ct) =>
                    writing.ChangeAsync(store, id, "override-priority", request.Reason,
                        (ticket, audit) => ticket.OverridePriority(request.Priority, request.Reason, audit), ct))
                .WithName($"Override{typeof(TTicket).Name}Priority")
                .WithSummary("Decides for another priority than the computed one, which stays beside it")
                .Requires(permission).ChangesOne().Produces<TTicket>();
            tickets.MapPost("{id}/clear-priority-override",
                (string id, ReasonRequest request, Write writing, AggregateStore<TTicket> store, CancellationToken ct) =>
                    writing.ChangeAsync(
                        store, id, "clear-priority-override", request.Reason, (ticket, _) => ticket.ClearPriorityOverride(), ct))
                .WithName($"Clear{typeof(TTicket).Name}PriorityOverride").WithSummary("Goes back to the computed priority")
                .Requires(permission).ChangesOne().Produces<TTicket>();
        }

        /// <summary>Maps <c>{id}/links</c>. A link is stored at one end and shown at both.</summary>
        public void MapLinks<TTicket>(string kind, Permission read, Permission edit)
            where TTicket : Ticket
        {
            tickets.MapGet("{id}/links", async (string id, Read reading, AggregateStore<TTicket> store, CancellationToken ct) =>
                {
                    var ticket = AggregateStore<TTicket>.Load(await reading.FindAsync(store, id, ct));
                    var incoming = await store.Documents.QueryAsync(new DocumentQuery(
                        [Condition.In("links.target", ticket.Id.ToString()), Condition.In("readers", reading.Caller.TokenValues)],
                        "links.target", false, null, MostLinks), ct);
                    return new LinkList(
                        ticket.Links,
                        [.. incoming.Select(AggregateStore<TTicket>.Load)
                            .SelectMany(other => other.Links.Where(link => link.Target == ticket.Id.ToString())
                            .Select(link =>
                                new IncomingLink(link.LinkId, link.Type, kind, other.Id, other.Number, other.Title, link.At)))]);
                })
                .WithName($"List{typeof(TTicket).Name}Links").WithSummary("Lists links from here, and links of others to here")
                .Requires(read);
            tickets.MapPost("{id}/links",
                (string id, LinkRequest request, Write writing, Read reading, AggregateStore<TTicket> store, CancellationToken ct) =>
                    writing.ChangeAsync(store, id, "link", null, async (ticket, audit) =>
                    {
                        var target = request.TargetKind == kind
                            ? (await reading.FindAsync(store, request.Target, ct)).Id.ToString()
                            : request.Target;
                        ticket.Link(new TicketLink(
                            Guid.CreateVersion7(audit.At), request.Type, request.TargetKind, target, audit.By, audit.At));
                    }, ct))
                .WithName($"Link{typeof(TTicket).Name}").WithSummary("Links it to another thing").Requires(edit).ChangesOne()
                .Produces<TTicket>();
            tickets.MapDelete("{id}/links/{link:guid}",
                (string id, Guid link, Write writing, AggregateStore<TTicket> store, CancellationToken ct) =>
                    writing.ChangeAsync(store, id, "unlink", null, (ticket, _) =>
                    {
                        if (!ticket.Unlink(link))
                        {
                            throw HttpProblemException.NotFound("link", link.ToString());
                        }
                    }, ct))
                .WithName($"Unlink{typeof(TTicket).Name}").WithSummary("Takes back a link").Requires(edit).ChangesOne().Produces<TTicket>();
        }
    }

    /// <summary>The links of a ticket from both sides.</summary>
    /// <param name="Outgoing">Stored here.</param>
    /// <param name="Incoming">Stored at visible others, leading here.</param>
    public sealed record LinkList(IReadOnlyList<TicketLink> Outgoing, IReadOnlyList<IncomingLink> Incoming);

    /// <summary>A link of another ticket to this one.</summary>
    public sealed record IncomingLink(
        Guid LinkId, LinkType Type, string SourceKind, Guid Source, string SourceNumber, string SourceTitle, DateTimeOffset At);
}
