using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Requests.Domain;
using Microsoft.Extensions.Options;

namespace Itsm.Requests.UseCases;

/// <summary>Starts a campaign: asks the owners of all active access, or of some, whether it is still needed.</summary>
internal static class StartRecertification
{
    /// <summary>A campaign.</summary>
    /// <example>{ "name": "Payroll, first half of the year", "application": "Payroll", "endsAt": "2027-07-31T16:00:00Z",
    /// "onSilence": "revoke" }</example>
    public sealed record Request
    {
        /// <summary>Name shown to people.</summary>
        [Required, StringLength(120, MinimumLength = 3)]
        public required string Name { get; init; }

        /// <summary>Only access to this application.</summary>
        [StringLength(120, MinimumLength = 1)]
        public string? Application { get; init; }

        /// <summary>Only access of this sensitivity.</summary>
        public Sensitivity? Sensitivity { get; init; }

        /// <summary>Until when owners may answer; within a year.</summary>
        public required DateTimeOffset EndsAt { get; init; }

        /// <summary>What becomes of what nobody answers for; it ends where left out.</summary>
        public SilencePolicy OnSilence { get; init; }
    }

    public static void Map(IEndpointRouteBuilder campaigns) => campaigns.MapPost("", Handle)
        .WithName(nameof(StartRecertification)).WithSummary("Asks the owners of all active access, or of some, whether it is still needed")
        .Requires(Permissions.ManageAccess).Produces<Recertification>(StatusCodes.Status201Created);

    private static Task<IResult> Handle(Request request, Write write, AggregateStore<Recertification> campaigns,
        AggregateStore<AccessGrant> grants, IOptions<RequestSettings> settings, CancellationToken ct) =>
        write.CreateAsync(campaigns, async audit =>
        {
            var end = Within(request.EndsAt, audit.At);
            var any = await grants.Documents.QueryAsync(new DocumentQuery(AccessGrant.ActiveIn(request.Application, request.Sensitivity),
                "grantedAt", false, null, 1), ct);
            return any.Count > 0
                ? Recertification.Start(request.Name, request.Application, request.Sensitivity, request.OnSilence, end,
                    settings.Value.ExpiryNotice, audit)
                : throw new RuleViolationException("recertification.empty", $"No active access is meant by that.");
        }, ct);

    private static DateTimeOffset Within(DateTimeOffset end, DateTimeOffset now) =>
        end > now && end <= now.AddYears(1) ? end : throw new InvalidValueException("/endsAt", FieldCode.OutOfRange,
            $"endsAt lies within the next year, not at {end:O}.");
}
