namespace Itsm.Platform.Documents;

/// <summary>A document with this id, or with this value of a unique index, is there already.</summary>
public sealed class DuplicateKeyException(string collection, IReadOnlyList<string> fields)
    : Exception($"{collection}: a document with the same {string.Join(", ", fields)} is there already.")
{
    /// <summary>The fields of the unique index, or <c>_id</c>.</summary>
    public IReadOnlyList<string> Fields { get; } = fields;

    /// <summary>What the values are together; the fields where the index has no word for it.</summary>
    public string What { get; private init; } = string.Join(", ", fields);

    /// <summary>Of the unique index that has the values already.</summary>
    internal static DuplicateKeyException Of(string collection, IndexDefinition index) =>
        index.Called is { } what ? new(collection, index.Fields) { What = what } : new(collection, index.Fields);
}

/// <summary>A query that no declared index can answer. A mistake of the programmer, not of the caller.</summary>
public sealed class UndeclaredIndexException(string message) : InvalidOperationException(message);

/// <summary>The engine can't be reached, or did not answer in time: a write may or may not have had its effect. Requests are told to come
/// back; deliveries and timers wait, and no attempt of theirs is counted.</summary>
public class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A newer version of the service stored a value that this one does not know: during a roll-out another instance can do what is
/// asked.</summary>
public sealed class NewerVersionException(string message, Exception? inner = null) : StoreUnavailableException(message, inner);
