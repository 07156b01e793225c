using MongoDB.Bson;

namespace Itsm.Platform.Documents;

/// <summary>A collection and its declared indexes. What is not declared can't be queried.</summary>
/// <param name="Name">Lower-case plural, letters, digits and hyphens.</param>
/// <param name="Indexes">In the order of preference between equally fitting ones.</param>
public sealed record CollectionDefinition(string Name, params IReadOnlyList<IndexDefinition> Indexes)
{
    /// <summary>Name of a top-level element that others keep beside the document: it has a version of its own, is set by
    /// <see cref="IDocumentCollection.AnnexAsync"/> without changing the document's, and no replacement touches it. Null for
    /// none.</summary>
    public string? Annex { get; init; }

    /// <summary>Fields without an index of their own that conditions may name beside one that has: they are tested in what an index
    /// finds.</summary>
    public IReadOnlyList<string> Tested { get; init; } = [];
}

/// <summary>One declared index. Its last field is the order it carries; the fields before it are matched by equality.</summary>
/// <remarks>At most one of the fields may be an array in the documents: such a document has an entry for each element. A list can't be
/// ordered by an array, nor an array be bounded on both sides.
/// A document lacking a field, or having null there, is indexed under null, which sorts first.</remarks>
public sealed record IndexDefinition
{
    /// <summary>An index over these fields (dots reach into sub-documents and into arrays of them).</summary>
    public IndexDefinition(params string[] fields) => Fields = fields;

    /// <summary>The fields, most significant first.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>No two documents may have the same values. Documents that lack the first field are left out.</summary>
    public bool Unique { get; init; }

    /// <summary>What its values are together, for who reads that another one has the same; its fields where null.</summary>
    public string? Called { get; init; }

    /// <summary>Documents that lack the first field are left out.</summary>
    public bool Sparse { get; init; }

    /// <summary>Documents that have another value in the first field, or none, are left out: for what few have. Null for none.</summary>
    public BsonValue? Only { get; init; }

    /// <summary>Documents that lack any of the fields are left out.</summary>
    public bool Complete { get; init; }

    /// <summary>Other top-level fields, each of another index, whose values stand in the entries, so that a condition on them needs no
    /// document. An engine that reads documents as fast may do without.</summary>
    public IReadOnlyList<string> Carries { get; init; } = [];

    /// <summary>What a document must have to be in it.</summary>
    internal IEnumerable<string> Needed =>
        Complete ? Fields.Where(name => !Domains.ContainsKey(name)) : Fields.Take(Unique || Sparse ? 1 : 0);

    /// <summary>What reads by it, where no list of the API does.</summary>
    public string? Serves { get; init; }

    /// <summary>All values that a field can have (small closed sets, such as states), by field. A query that says nothing of such
    /// a field can still use the index: it is read once per value.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<BsonValue>> Domains { get; init; } =
        new Dictionary<string, IReadOnlyList<BsonValue>>();
}
