using Itsm.Contracts.Directory;
using Itsm.Ticketing.Forms;

namespace Itsm.Requests.Domain;

/// <summary>What is known of a new request.</summary>
internal sealed record NewRequest
{
    public Guid? Id { get; init; }

    public required string Number { get; init; }

    public required CatalogItem Item { get; init; }

    public required IReadOnlyList<Answer> Answers { get; init; }

    public required Guid Requester { get; init; }

    public required Guid OpenedBy { get; init; }

    public string? Description { get; init; }

    public GroupChanged? Group { get; init; }

    public Guid? Parent { get; init; }

    public string? ParentTask { get; init; }

    public string? ParentItem { get; init; }
}
