using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Requests.Ordering;
using Itsm.Ticketing;

namespace Itsm.Requests.UseCases;

/// <summary>Orders an item of the catalog, for oneself or for somebody else: those who report to the caller, or anybody with the
/// permission.</summary>
internal static class OrderItem
{
    /// <summary>What is asked for.</summary>
    /// <example>{ "item": "shared-mailbox", "answers": { "address": "sales@example.org", "owner": "employee1", "members": ["employee2"] },
    /// "requester": "employee1" }</example>
    public sealed record Request
    {
        /// <summary>Id or key of the catalog item.</summary>
        [Required, StringLength(60, MinimumLength = 1)]
        public required string Item { get; init; }

        /// <summary>The answers to its questions, by key.</summary>
        public IReadOnlyDictionary<string, JsonElement>? Answers { get; init; }

        /// <summary>Id or user name of the person for whom it is; oneself where left out.</summary>
        public string? Requester { get; init; }

        /// <summary>What the form does not ask.</summary>
        [StringLength(32_000)]
        public string? Description { get; init; }

        /// <summary>True to keep it as a draft, to be submitted later; its answers may still be incomplete.</summary>
        public bool Draft { get; init; }
    }

    public static void Map(IEndpointRouteBuilder requests) => requests.MapPost("", Handle)
        .WithName(nameof(OrderItem)).WithSummary("Orders an item of the catalog").Requires(Permissions.Order)
        .Produces<ServiceRequest>(StatusCodes.Status201Created);

    private static Task<IResult> Handle(
        Request request, Write write, AggregateStore<ServiceRequest> requests, Catalog catalog, People people, CancellationToken ct) =>
        write.CreateAsync(requests, async audit =>
        {
            var (item, requester) = (await catalog.RequireAsync(request.Item, write.Caller, ct),
                await RequesterAsync(request.Requester, write.Caller, people, ct));
            return await catalog.OrderAsync(
                new Order
                {
                    Item = item, Answers = request.Answers ?? new Dictionary<string, JsonElement>(), Requester = requester,
                    OpenedBy = write.Caller.Person, Description = request.Description, Draft = request.Draft,
                }, audit, ct);
        }, ct);

    /// <summary>The person for whom a caller asks.</summary>
    /// <exception cref="HttpProblemException">403 where the caller may not ask for them.</exception>
    public static async ValueTask<PersonChanged> RequesterAsync(string? named, Caller caller, People people, CancellationToken ct)
    {
        var requester = await people.RequirePersonAsync(named ?? caller.Person.ToString(), "/requester", ct);
        return requester.Id == caller.Person || requester.Manager == caller.Person || caller.May(Permissions.OrderForOthers.Name)
            ? requester
            : throw new HttpProblemException(Problems.Create(403, "permission-missing", $"Permission missing",
                $"For people who do not report to you this needs the permission {Permissions.OrderForOthers.Name}."));
    }
}
