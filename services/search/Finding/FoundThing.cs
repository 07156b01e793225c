using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Search.Domain;
using Itsm.Search.Queries;

namespace Itsm.Search.Finding;

/// <summary>Something found: enough for a line in a list; the thing itself is at its own service.</summary>
public sealed record FoundThing
{
    /// <summary>What it is: incident, request, person, catalogItem, configuration-item, asset…</summary>
    public required string Kind { get; init; }

    /// <summary>Identity.</summary>
    public required Guid Id { get; init; }

    /// <summary>Number of a ticket, a configuration item or an asset; key of an item of the catalog, user name of a person.</summary>
    public required string Number { get; init; }

    /// <summary>Title of a ticket, name of anything else.</summary>
    public required string Title { get; init; }

    /// <summary>Key of a configuration item, tag and serial number of an asset.</summary>
    public IReadOnlyList<string>? OtherNames { get; init; }

    /// <summary>Mail address of a person, for callers who may read it.</summary>
    public string? Mail { get; init; }

    /// <summary>Its state in the words of its kind.</summary>
    public string? State { get; init; }

    /// <summary>What reports distinguish in a ticket's state.</summary>
    public StateCategory? Stage { get; init; }

    /// <summary>1 (critical) to 5 (planning).</summary>
    public int? Priority { get; init; }

    /// <summary>For whom it is.</summary>
    public Guid? Requester { get; init; }

    /// <summary>The group that works on it.</summary>
    public Guid? AssignmentGroup { get; init; }

    /// <summary>The person who works on it.</summary>
    public Guid? Assignee { get; init; }

    /// <summary>The person who answers for a configuration item or an asset.</summary>
    public Guid? Owner { get; init; }

    /// <summary>Class of a configuration item.</summary>
    public string? Class { get; init; }

    /// <summary>Its node in the category tree.</summary>
    public Guid? Category { get; init; }

    /// <summary>The affected service.</summary>
    public string? AffectedService { get; init; }

    /// <summary>When it was opened.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>When it was last resolved.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>How it was resolved, in words; only of similar things.</summary>
    public string? Resolution { get; init; }

    /// <summary>How well it matches; only in the order of relevance.</summary>
    public double? Score { get; init; }

    /// <summary>Where the words of the query stand.</summary>
    public IReadOnlyList<Highlight>? Highlights { get; init; }

    /// <summary>What counted, the most first, for who asks with <c>explain=true</c>. In the order of relevance the factors add up to the
    /// score.</summary>
    public IReadOnlyList<MatchExplanation>? Explanation { get; init; }

    /// <summary>A document as callers see it.</summary>
    internal static FoundThing Of(SearchHit hit, Caller caller) => new()
    {
        Mail = hit.Document is { Kind: SearchDocument.Person, Notes: [var mail] } && caller.May(KnownPermissions.ReadContacts.Name)
            ? mail.Text : null,
        Kind = hit.Document.Kind, Id = hit.Document.Id, Number = hit.Document.Number, Title = hit.Document.Title,
        State = hit.Document.State, Stage = hit.Document.Stage, Priority = hit.Document.Priority, Requester = hit.Document.Requester,
        AssignmentGroup = hit.Document.AssignmentGroup, Assignee = hit.Document.Assignee, Category = hit.Document.Category,
        OtherNames = hit.Document.OtherNames is { Count: > 0 } names ? names : null, Owner = hit.Document.Owner, Class = hit.Document.Class,
        AffectedService = hit.Document.AffectedService, OpenedAt = hit.Document.OpenedAt, UpdatedAt = hit.Document.UpdatedAt,
        ResolvedAt = hit.Document.ResolvedAt, Score = hit.Score > 0 ? Math.Round(hit.Score, 4) : null,
    };
}
