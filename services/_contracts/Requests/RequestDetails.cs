using Itsm.Contracts.Ticketing;

namespace Itsm.Contracts.Requests;

/// <summary>What the snapshot of a service request has beyond that of any ticket.</summary>
public sealed record RequestDetails
{
    /// <summary>Id of the catalog item.</summary>
    public required Guid Item { get; init; }

    /// <summary>Key of the catalog item.</summary>
    public required string ItemKey { get; init; }

    /// <summary>Name of the catalog item when it was ordered.</summary>
    public required string ItemName { get; init; }

    /// <summary>Which edition of the item was ordered.</summary>
    public required int Edition { get; init; }

    /// <summary>The request that this one is part of; null for one that was ordered by itself.</summary>
    public Guid? Parent { get; init; }

    /// <summary>Key of the task of the parent that it fulfills.</summary>
    public string? ParentTask { get; init; }

    /// <summary>In plain words, what it waits for; null once it has ended.</summary>
    public string? WaitingFor { get; init; }

    /// <summary>The answers as people read them, in the order of the form.</summary>
    public required IReadOnlyList<RequestAnswer> Answers { get; init; }

    /// <summary>Its fulfillment tasks in the order of the plan, from services older than <see cref="TicketChanged.Tasks"/>; empty
    /// from others.</summary>
    public required IReadOnlyList<TicketTaskState> Tasks { get; init; }

    /// <summary>The person whom an onboarding or offboarding is about; null for other requests.</summary>
    public Guid? Subject { get; init; }

    /// <summary>When what was handed out came back, UTC; null while it has not, and for what is not to come back.</summary>
    public DateTimeOffset? ReturnedAt { get; init; }
}

/// <summary>An answer to a question of a form.</summary>
/// <param name="Question">Key of the question.</param>
/// <param name="Title">The question as people read it.</param>
/// <param name="Text">The answer as people read it.</param>
public sealed record RequestAnswer(string Question, string Title, string Text);
