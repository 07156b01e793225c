namespace Itsm.Platform.Documents;

/// <summary>Blobs that go to another store since some time: those of before stay readable where they are, and are deleted there.</summary>
internal sealed class LayeredBlobs(IBlobStore current, IBlobStore earlier) : IBlobStore
{
    /// <summary>The earlier store alone where no other one takes its place.</summary>
    public static IBlobStore Of(IBlobStore? current, IBlobStore earlier) =>
        current is null ? earlier : new LayeredBlobs(current, earlier);

    public Task<long> WriteAsync(Guid owner, Guid id, Stream content, CancellationToken ct) =>
        current.WriteAsync(owner, id, content, ct);

    public async Task<Stream?> OpenAsync(Guid owner, Guid id, CancellationToken ct) =>
        await current.OpenAsync(owner, id, ct) ?? await earlier.OpenAsync(owner, id, ct);

    public async Task DeleteAsync(Guid owner, Guid id, CancellationToken ct)
    {
        await current.DeleteAsync(owner, id, ct);
        await earlier.DeleteAsync(owner, id, ct);
    }

    public async Task DeleteAsync(Guid owner, IReadOnlyCollection<Guid> except, CancellationToken ct)
    {
        await current.DeleteAsync(owner, except, ct);
        await earlier.DeleteAsync(owner, except, ct);
    }
}
