using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Ticketing.Approvals;

/// <summary>An approval as lists find it: a copy out of what is to be approved, of the same version as that. Decisions are
/// made there.</summary>
public sealed class ApprovalRecord : Record
{
    /// <summary>The kind of what is to be approved: <c>request</c>.</summary>
    public string Kind { get; private init; } = "";

    /// <summary>What is to be approved.</summary>
    public Guid Ticket { get; private init; }

    /// <summary>Its number.</summary>
    public string Number { get; private init; } = "";

    /// <summary>Its title.</summary>
    public string Title { get; private init; } = "";

    /// <summary>For whom it is.</summary>
    public Guid Requester { get; private init; }

    /// <summary>1 at first; an edit of what is to be approved begins the next.</summary>
    public int Round { get; private init; }

    /// <summary>Name of the stage.</summary>
    public string StageName { get; private init; } = "";

    /// <summary>Who is asked.</summary>
    public Guid Approver { get; private init; }

    /// <summary>Why they.</summary>
    public string Because { get; private init; } = "";

    /// <summary>Where it stands.</summary>
    public ApprovalState State { get; private init; }

    /// <summary>Of what is to be approved; to be sent with the decision.</summary>
    public string Digest { get; private init; } = "";

    /// <summary>When they were asked.</summary>
    public DateTimeOffset RequestedAt { get; private init; }

    /// <summary>When they were reminded.</summary>
    public DateTimeOffset? RemindedAt { get; private init; }

    /// <summary>When it expires.</summary>
    public DateTimeOffset? ExpiresAt { get; private init; }

    /// <summary>When it was decided, or ended otherwise.</summary>
    public DateTimeOffset? EndedAt { get; private init; }

    /// <summary>Who decided.</summary>
    public Actor? By { get; private init; }

    /// <summary>For whom, where a substitute decided.</summary>
    public Actor? OnBehalfOf { get; private init; }

    /// <summary>Why.</summary>
    public string? Comment { get; private init; }

    /// <summary>How it is stored.</summary>
    public static ProjectionDefinition<ApprovalRecord> Definition { get; } = new("approvals",
        new IndexDefinition("approver", "state", "requestedAt") { Domains = Domains, Serves = "what waits for whom" },
        new("readers", "requestedAt"), new("state", "requestedAt"), new("ticket", "requestedAt"), new("kind", "requestedAt"))
    {
        Noun = "approval",
    };

    private static Dictionary<string, IReadOnlyList<BsonValue>> Domains =>
        new() { ["state"] = [.. Enum.GetValues<ApprovalState>().Select(state => BsonMapping.Value(state))] };

    /// <summary>The approvals of a ticket.</summary>
    internal static IEnumerable<ApprovalRecord> Of(TicketChanged ticket) => (ticket.Approvals ?? []).Select(one => new ApprovalRecord
    {
        Id = one.ApprovalId, Version = ticket.Version, Readers = [.. ticket.Readers.Concat(Approvable.TokensOf(one)).Distinct()],
        Kind = ticket.Kind, Ticket = ticket.Id, Number = ticket.Number, Title = ticket.Title, Requester = ticket.Requester,
        Round = one.Round, StageName = one.StageName, Approver = one.Approver, Because = one.Because, State = one.State,
        Digest = one.Digest, RequestedAt = one.RequestedAt, RemindedAt = one.RemindedAt, ExpiresAt = one.ExpiresAt, EndedAt = one.EndedAt,
        By = one.By, OnBehalfOf = one.OnBehalfOf, Comment = one.Comment,
    });
}
