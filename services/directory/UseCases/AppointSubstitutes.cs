using System.ComponentModel.DataAnnotations;
using Itsm.Contracts.Directory;
using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Directory.UseCases;

/// <summary>Names who may approve for a person while they are away: each for themselves, or whoever keeps the directory.</summary>
internal static class AppointSubstitutes
{
    /// <summary>All substitutes; an empty list for none.</summary>
    /// <example>{ "substitutes": [{ "person": "agent2", "from": "2026-08-03T00:00:00Z", "until": "2026-08-24T00:00:00Z" }] }</example>
    public sealed record Request
    {
        /// <summary>Who, and when.</summary>
        [Required, MaxLength(20)]
        public required IReadOnlyList<SubstituteRequest> Substitutes { get; init; }
    }

    /// <summary>A substitute with dates.</summary>
    public sealed record SubstituteRequest
    {
        /// <summary>Id or user name.</summary>
        [Required]
        public required string Person { get; init; }

        /// <summary>From when, inclusive.</summary>
        public required DateTimeOffset From { get; init; }

        /// <summary>Until when, exclusive.</summary>
        public required DateTimeOffset Until { get; init; }
    }

    public static void Map(IEndpointRouteBuilder people) => people.MapPut("{id}/substitutes", Handle)
        .WithName(nameof(AppointSubstitutes)).WithSummary("Names who may approve for a person, and when").Requires(Permissions.Appoint)
        .ChangesOne().Produces<Person>();

    private static Task<IResult> Handle(string id, Request request, Write write, AggregateStore<Person> people, CancellationToken ct) =>
        write.ChangeAsync(people, id == "me" ? write.Caller.Person.ToString() : id, "appoint-substitutes", null, async (person, _) =>
        {
            if (person.Id != write.Caller.Person && !write.Caller.May(Permissions.Manage.Name))
            {
                throw new HttpProblemException(Problems.Create(403, "permission-missing", $"Permission missing",
                    $"For others this needs the permission {Permissions.Manage.Name}."));
            }

            var substitutes = new List<Substitution>();
            foreach (var (index, one) in request.Substitutes.Index())
            {
                var substitute = await people.FindDocumentAsync(one.Person, ct) is { } found ? AggregateStore<Person>.Load(found) : null;
                substitutes.Add(new Substitution(substitute is { Active: true }
                    ? substitute.Id
                    : throw new InvalidValueException($"/substitutes/{index}/person", FieldCode.NotFound,
                        $"No active person {one.Person.Quoted} is known."), one.From,
                    one.Until));
            }

            person.Appoint(substitutes);
        }, ct, waitForDelivery: true);
}
