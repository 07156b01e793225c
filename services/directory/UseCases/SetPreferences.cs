using System.ComponentModel.DataAnnotations;
using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;

namespace Itsm.Directory.UseCases;

/// <summary>Says how the suite answers a person: each for themselves, or whoever keeps the directory.</summary>
internal static class SetPreferences
{
    /// <summary>All preferences.</summary>
    /// <example>{ "language": "de" }</example>
    public sealed record Request
    {
        /// <summary>Tag of the language in which they are answered, whatever Accept-Language says; null leaves it to each
        /// request.</summary>
        [StringLength(35)]
        public required string? Language { get; init; }
    }

    public static void Map(IEndpointRouteBuilder people) => people.MapPut("{id}/preferences", Handle)
        .WithName(nameof(SetPreferences)).WithSummary("Says in which language a person is answered").Requires(Permissions.Prefer)
        .ChangesOne().Produces<Person>();

    private static Task<IResult> Handle(
        string id, Request request, Write write, AggregateStore<Person> people, DirectoryLookup lookup, CancellationToken ct) =>
        write.ChangeAsync(people, id == "me" ? write.Caller.Person.ToString() : id, "set-preferences", null, (person, _) =>
        {
            if (person.Id != write.Caller.Person && !write.Caller.May(Permissions.Manage.Name))
            {
                throw HttpProblemException.Forbidden($"For others this needs the permission {Permissions.Manage.Name}.");
            }

            person.Prefer(lookup.Language(request.Language));
            return ValueTask.CompletedTask;
        }, ct, waitForDelivery: true);
}
