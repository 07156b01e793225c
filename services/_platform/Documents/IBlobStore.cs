namespace Itsm.Platform.Documents;

/// <summary>Bytes that are too many for a document, beside the documents of the same service: written once, never changed, each belonging
/// to an owner.</summary>
/// <remarks>All adapters pass the same contract tests. What an interrupted write leaves behind is not readable, and goes with the next
/// <see cref="DeleteAsync(Guid, IReadOnlyCollection{Guid}, CancellationToken)"/> of its owner.</remarks>
public interface IBlobStore
{
    /// <summary>Stores all that the stream has; durable when the task completes.</summary>
    /// <param name="owner">To whom it belongs.</param>
    /// <param name="id">New.</param>
    /// <param name="content">Read to its end, and not held in memory; where it fails nothing is stored.</param>
    /// <param name="ct">Ends the write; nothing is stored then.</param>
    /// <returns>How many bytes it has.</returns>
    /// <exception cref="StoreUnavailableException">The engine does not answer.</exception>
    Task<long> WriteAsync(Guid owner, Guid id, Stream content, CancellationToken ct);

    /// <summary>Opens a blob to read; the stream can seek, and its reads fail as this does.</summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="StoreUnavailableException">The engine does not answer.</exception>
    Task<Stream?> OpenAsync(Guid owner, Guid id, CancellationToken ct);

    /// <summary>Deletes a blob; nothing happens where there is none.</summary>
    /// <exception cref="StoreUnavailableException">The engine does not answer.</exception>
    Task DeleteAsync(Guid owner, Guid id, CancellationToken ct);

    /// <summary>Deletes what belongs to this owner, and is none of these.</summary>
    /// <exception cref="StoreUnavailableException">The engine does not answer.</exception>
    Task DeleteAsync(Guid owner, IReadOnlyCollection<Guid> except, CancellationToken ct);
}
