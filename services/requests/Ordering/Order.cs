using System.Text.Json;
using Itsm.Contracts.Directory;
using Itsm.Requests.Domain;

namespace Itsm.Requests.Ordering;

/// <summary>An order as somebody, or a plan, makes it.</summary>
internal sealed record Order
{
    public required CatalogItem Item { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> Answers { get; init; }

    public required PersonChanged Requester { get; init; }

    public required Guid OpenedBy { get; init; }

    public string? Description { get; init; }

    public bool Draft { get; init; }

    public Guid? Id { get; init; }

    public Guid? Parent { get; init; }

    public string? ParentTask { get; init; }

    public string? ParentItem { get; init; }
}
