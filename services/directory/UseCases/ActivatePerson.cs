using System.ComponentModel.DataAnnotations;
using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Directory.UseCases;

/// <summary>Takes all access from a person, or gives it back; answered once the change has gone out to the services.</summary>
internal static class ActivatePerson
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "Left the organisation." }</example>
    public sealed record Request
    {
        /// <summary>In the caller's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder people)
    {
        Map(people, "deactivate", "DeactivatePerson", "Takes all access from a person, at once", false);
        Map(people, "activate", "ActivatePerson", "Gives a person their access back", true);
    }

    private static void Map(IEndpointRouteBuilder people, string action, string name, string summary, bool active) => people
        .MapPost($"{{id}}/{action}", (string id, Request request, Write write, AggregateStore<Person> store, CancellationToken ct) =>
            write.ChangeAsync(store, id, action, request.Reason, (person, audit) =>
            {
                if (person.Id == write.Caller.Person)
                {
                    throw new RuleViolationException("person.self", $"Nobody can deactivate themselves.");
                }

                person.SetActive(active, audit.At);
                return ValueTask.CompletedTask;
            }, ct, waitForDelivery: true))
        .WithName(name).WithSummary(summary).Requires(Permissions.Manage).ChangesOne().Produces<Person>();
}
