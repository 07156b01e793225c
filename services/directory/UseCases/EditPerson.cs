using System.ComponentModel.DataAnnotations;
using Itsm.Contracts.Directory;
using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Directory.UseCases;

/// <summary>Changes a person; whether they are active moves by actions only.</summary>
internal static class EditPerson
{
    /// <summary>What is absent stays; null removes.</summary>
    /// <example>{ "manager": "manager1", "site": "lisbon" }</example>
    public sealed record Request
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(200, MinimumLength = 1)]
        public Optional<string> Name { get; init; }

        /// <summary>Mail address.</summary>
        [EmailAddress, StringLength(254)]
        public Optional<string> Mail { get; init; }

        /// <summary>Id or user name of their manager.</summary>
        public Optional<string> Manager { get; init; }

        /// <summary>Key of their site.</summary>
        public Optional<string> Site { get; init; }

        /// <summary>Tag of the language in which they are answered; null leaves it to each request.</summary>
        [StringLength(35)]
        public Optional<string> Language { get; init; }

        /// <summary>The account at the identity provider that signs in as them; null releases it, and the next sign-in by the user name
        /// binds another.</summary>
        public Optional<AccountRequest> Account { get; init; }

        /// <summary>Keys of all roles that they hold.</summary>
        [MaxLength(50)]
        public Optional<IReadOnlyList<string>> Roles { get; init; }
    }

    /// <summary>An account, by the claims of its tokens.</summary>
    public sealed record AccountRequest
    {
        /// <summary>Claim iss.</summary>
        [Required, StringLength(500, MinimumLength = 1)]
        public required string Issuer { get; init; }

        /// <summary>Claim sub.</summary>
        [Required, StringLength(255, MinimumLength = 1)]
        public required string Subject { get; init; }
    }

    public static void Map(IEndpointRouteBuilder people) => people.MapPatch("{id}", Handle)
        .WithName(nameof(EditPerson)).WithSummary("Changes a person").Requires(Permissions.Manage).ChangesOne().Produces<Person>();

    private static Task<IResult> Handle(
        string id, Request request, Write write, AggregateStore<Person> people, DirectoryLookup lookup, CancellationToken ct) =>
        write.ChangeAsync(people, id, "update", null, async (person, _) =>
        {
            person.Describe(
                request.Name.Or(person.Name, "/name"),
                request.Mail.Or(person.Mail));
            if (request.Manager.IsPresent)
            {
                person.ReportTo(await lookup.PersonAsync(request.Manager.Value, "/manager", ct));
            }

            if (request.Account.IsPresent)
            {
                person.Bind(request.Account.Value is { } account ? new ProviderAccount(account.Issuer, account.Subject) : null);
            }

            if (request.Site.IsPresent)
            {
                person.MoveTo(await lookup.SiteAsync(request.Site.Value, "/site", ct));
            }

            if (request.Language.IsPresent)
            {
                person.Prefer(lookup.Language(request.Language.Value));
            }

            if (request.Roles.IsPresent)
            {
                person.Hold(await lookup.RolesAsync(request.Roles.Value ?? [], "/roles", ct));
            }
        }, ct, waitForDelivery: true);
}
