namespace Itsm.Contracts.Directory;

/// <summary>People and groups that an import met and the directory may not know: it adds those missing, inactive, under these
/// ids.</summary>
/// <remarks>Published by: services that import. Consumed by: directory.</remarks>
public sealed record DirectoryEntriesFound
{
    /// <summary>The system that they come from: <c>servicenow</c>.</summary>
    public required string Source { get; init; }

    /// <summary>People, at most a few hundred a message.</summary>
    public required IReadOnlyList<FoundEntry> People { get; init; }

    /// <summary>Groups, at most a few hundred a message.</summary>
    public required IReadOnlyList<FoundEntry> Groups { get; init; }
}

/// <summary>A person or group as an import names it.</summary>
/// <param name="Id">Derived from source and name: the same in every import.</param>
/// <param name="Name">As the source spells it.</param>
public sealed record FoundEntry(Guid Id, string Name);
