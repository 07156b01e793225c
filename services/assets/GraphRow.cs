using Itsm.Assets.Domain;
using Itsm.Contracts.Assets;

namespace Itsm.Assets;

/// <summary>What the graph has of a stored item.</summary>
internal sealed record GraphRow
{
    public Guid Id { get; init; }

    public long Version { get; init; }

    public string Class { get; init; } = "";

    public IReadOnlyList<string> Readers { get; init; } = [];

    public IReadOnlyList<ItemPeriod> Present { get; init; } = [];

    public IReadOnlyList<Relation> Relations { get; init; } = [];

    public IReadOnlyList<ItemRelation> FormerRelations { get; init; } = [];
}
