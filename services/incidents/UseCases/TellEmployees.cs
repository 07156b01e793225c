using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Incidents.UseCases;

/// <summary>Tells employees of major incidents, in words for them.</summary>
internal static class TellEmployees
{
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.Text("affectedService")], Sorts = ["since"], DefaultSort = "-since",
    };

    /// <summary>What they read.</summary>
    /// <example>{ "text": "Mail comes late. Nothing is lost; please do not send twice.", "sites": ["berlin"] }</example>
    public sealed record Request
    {
        /// <summary>What is wrong, and what to do meanwhile.</summary>
        [Required, StringLength(4000, MinimumLength = 3)]
        public required string Text { get; init; }

        /// <summary>Keys of the sites whose people it concerns; all where left out.</summary>
        [MaxLength(100)]
        public IReadOnlyList<string>? Sites { get; init; }
    }

    /// <summary>Why.</summary>
    /// <example>{ "reason": "It concerns nobody but us." }</example>
    public sealed record WithdrawRequest
    {
        /// <summary>In the actor's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents, IEndpointRouteBuilder notices)
    {
        incidents.MapPost("{id}/publish-notice", PublishAsync).WithName("PublishMajorIncidentNotice")
            .WithSummary("Tells employees of a major incident until it ends, in words for them")
            .Requires(Permissions.DecideMajor).ChangesOne().Produces<Incident>();
        incidents.MapPost("{id}/withdraw-notice",
            (string id, WithdrawRequest request, Write write, AggregateStore<Incident> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, "withdraw-notice", request.Reason, (incident, _) => incident.WithdrawNotice(), ct))
            .WithName("WithdrawMajorIncidentNotice").WithSummary("Tells employees no more of a major incident")
            .Requires(Permissions.DecideMajor).ChangesOne().Produces<Incident>();
        notices.MapGet("", (ListQuery list, Projection<MajorNotice> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListMajorIncidents").WithSummary("Lists what is told of major incidents that concern the caller's site, or all")
            .Requires(Permissions.OfTickets.Read).Lists<MajorNotice>(Lists);
        notices.MapGet("{id}", (string id, Read read, Projection<MajorNotice> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetMajorIncident").WithSummary("Reads what is told of a major incident, by its id")
            .Requires(Permissions.OfTickets.Read).Reads<MajorNotice>();
    }

    private static Task<IResult> PublishAsync(
        string id, Request request, Write write, AggregateStore<Incident> incidents, People people, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "publish-notice", null, async (incident, audit) =>
        {
            foreach (var (index, site) in (request.Sites ?? []).Index())
            {
                if (!await people.HasSiteAsync(site, ct))
                {
                    throw new InvalidValueException($"/sites/{index}", FieldCode.NotFound, $"Nobody is at a site {site.Quoted}.");
                }
            }

            incident.PublishNotice(request.Text, request.Sites ?? [], audit);
        }, ct);
}
