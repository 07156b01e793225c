namespace Itsm.Platform.Documents;

/// <summary>A document with this id, or with this value of a unique index, is there already.</summary>
public sealed class DuplicateKeyException(string collection, IReadOnlyList<string> fields)
    : Exception($"{collection}: a document with the same {string.Join(", ", fields)} is there already.")
{
    /// <summary>The fields of the unique index, or <c>_id</c>.</summary>
    public IReadOnlyList<string> Fields { get; } = fields;
}

/// <summary>A query that no declared index can answer. A mistake of the programmer, not of the caller.</summary>
public sealed class UndeclaredIndexException(string message) : InvalidOperationException(message);
