using System.ComponentModel.DataAnnotations;
using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Directory.UseCases;

/// <summary>Adds a person.</summary>
internal static class CreatePerson
{
    /// <summary>Who they are.</summary>
    /// <example>{ "userName": "nora.new", "name": "Nora New", "mail": "nora.new@example.org", "manager": "manager1", "site": "berlin",
    /// "language": "de", "roles": ["requester"] }</example>
    public sealed record Request
    {
        /// <summary>Name for signing in, unique whatever its case: 2 to 100 letters, digits and any of . _ @ ' + # - after a letter or
        /// digit.</summary>
        [Required, UserName]
        public required string UserName { get; init; }

        /// <summary>Name shown to people.</summary>
        [Required, StringLength(200, MinimumLength = 1)]
        public required string Name { get; init; }

        /// <summary>Mail address.</summary>
        [EmailAddress, StringLength(254)]
        public string? Mail { get; init; }

        /// <summary>Id or user name of their manager.</summary>
        public string? Manager { get; init; }

        /// <summary>Key of their site.</summary>
        public string? Site { get; init; }

        /// <summary>Tag of the language in which they are answered; that of each request where left out.</summary>
        [StringLength(35)]
        public string? Language { get; init; }

        /// <summary>Keys of roles; requester where left out.</summary>
        [MaxLength(50)]
        public IReadOnlyList<string>? Roles { get; init; }
    }

    public static void Map(IEndpointRouteBuilder people) => people.MapPost("", Handle)
        .WithName(nameof(CreatePerson)).WithSummary("Adds a person").Requires(Permissions.Manage)
        .Produces<Person>(StatusCodes.Status201Created);

    private static Task<IResult> Handle(
        Request request, Write write, AggregateStore<Person> people, DirectoryLookup lookup, CancellationToken ct) =>
        write.CreateAsync(people, async audit =>
        {
            var person = Person.Create(
                Guid.CreateVersion7(audit.At), UserNames.Normalize(request.UserName), request.Name, request.Mail,
                await lookup.PersonAsync(request.Manager, "/manager", ct), await lookup.SiteAsync(request.Site, "/site", ct),
                await lookup.RolesAsync(request.Roles ?? [KnownRoles.Requester], "/roles", ct));
            person.Prefer(lookup.Language(request.Language));
            return person;
        }, ct);
}
