using Itsm.Platform.Documents;

namespace Itsm.Platform.Tests;

public abstract partial class DocumentContract
{
    private static readonly byte[] Megabytes = [.. Enumerable.Range(0, 5_000_000).Select(number => (byte)(number % 251))];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_048_576)]
    [InlineData(5_000_000)]
    public async Task A_blob_is_read_as_it_was_written_from_any_place_also_by_the_next_process(int length)
    {
        var (owner, blob) = (Next(), Next());
        Assert.Equal(length, await Database.Blobs.WriteAsync(owner, blob, new Drip(Megabytes[..length]), default));
        await ReopenAsync();
        await using var read = (await Database.Blobs.OpenAsync(owner, blob, default))!;
        Assert.Equal(length, read.Length);
        Assert.Equal(Megabytes[..length], await AllAsync(read));
        foreach (var from in new[] { length / 2, length - 1, 0 }.Where(from => from >= 0))
        {
            read.Seek(from, SeekOrigin.Begin);
            Assert.Equal(Megabytes[from..length], await AllAsync(read));
        }
    }

    [Fact]
    public async Task A_blob_whose_content_breaks_off_is_not_there_and_can_be_written_anew()
    {
        var (owner, blob) = (Next(), Next());
        await Assert.ThrowsAsync<IOException>(() =>
            Database.Blobs.WriteAsync(owner, blob, new Drip(Megabytes) { BreaksAfter = 3_000_000 }, default));
        Assert.Null(await Database.Blobs.OpenAsync(owner, blob, default));
        Assert.Equal(3, await Database.Blobs.WriteAsync(owner, blob, new MemoryStream([1, 2, 3]), default));
        Assert.Equal([1, 2, 3], await BlobAsync(owner, blob));
    }

    [Fact]
    public async Task Blobs_go_with_their_owner_but_for_those_that_are_to_stay()
    {
        var (owner, other, kept, gone, theirs) = (Next(), Next(), Next(), Next(), Next());
        foreach (var (of, id) in new[] { (owner, kept), (owner, gone), (other, theirs) })
        {
            await Database.Blobs.WriteAsync(of, id, new MemoryStream([7]), default);
        }

        await Database.Blobs.DeleteAsync(owner, theirs, default);
        Assert.Equal([7], await BlobAsync(other, theirs));
        var alone = Next();
        await Database.Blobs.WriteAsync(owner, alone, new MemoryStream([7]), default);
        await Database.Blobs.DeleteAsync(owner, alone, default);
        Assert.Null(await Database.Blobs.OpenAsync(owner, alone, default));
        await Database.Blobs.DeleteAsync(owner, [kept], default);
        Assert.Equal([7], await BlobAsync(owner, kept));
        Assert.Null(await Database.Blobs.OpenAsync(owner, gone, default));
        await Database.Blobs.DeleteAsync(owner, [], default);
        await Database.Blobs.DeleteAsync(owner, [], default);
        Assert.Null(await Database.Blobs.OpenAsync(owner, kept, default));
        Assert.Equal([7], await BlobAsync(other, theirs));
        Assert.Null(await Database.Blobs.OpenAsync(owner, theirs, default));
    }

    private Guid Next() => Guid.CreateVersion7(Noon.AddMilliseconds(++_made));

    private async Task<byte[]> BlobAsync(Guid owner, Guid blob)
    {
        await using var read = (await Database.Blobs.OpenAsync(owner, blob, default))!;
        return await AllAsync(read);
    }

    private static async Task<byte[]> AllAsync(Stream stream)
    {
        var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    /// <summary>Gives a little at a time, as a connection does.</summary>
    private sealed class Drip(byte[] content) : MemoryStream(content)
    {
        private const int Most = 100_000;

        public int BreaksAfter { get; init; } = int.MaxValue;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position >= BreaksAfter
                ? throw new IOException("The line is dead.")
                : base.ReadAsync(buffer[..Math.Min(buffer.Length, Most)], cancellationToken);

        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            CopyAsync(destination, cancellationToken);

        private async Task CopyAsync(Stream destination, CancellationToken ct)
        {
            var buffer = new byte[Most];
            int read;
            while ((read = await ReadAsync(buffer, ct)) > 0)
            {
                await destination.WriteAsync(buffer.AsMemory(0, read), ct);
            }
        }
    }
}
