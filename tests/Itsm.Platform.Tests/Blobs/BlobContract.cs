using Itsm.Platform.Documents;
using Itsm.Testing;

namespace Itsm.Platform.Tests.Blobs;

/// <summary>What every adapter of the blob port does. One subclass per adapter.</summary>
public abstract class BlobContract : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    /// <summary>More than the largest part of any adapter.</summary>
    protected static readonly byte[] Megabytes = [.. Enumerable.Range(0, 20_000_000).Select(number => (byte)(number % 251))];

    private int _made;

    /// <summary>The store under test, fresh for each test.</summary>
    protected IBlobStore Blobs { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => Blobs = await OpenAsync();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>Opens the store; again as the next process does.</summary>
    protected abstract ValueTask<IBlobStore> OpenAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_048_576)]
    [InlineData(8_388_608)]
    [InlineData(20_000_000)]
    public async Task A_blob_is_read_as_it_was_written_from_any_place_also_by_the_next_process(int length)
    {
        var (owner, blob) = (Next(), Next());
        Assert.Equal(length, await Blobs.WriteAsync(owner, blob, new Drip(Megabytes[..length]), default));
        Blobs = await OpenAsync();
        await using var read = (await Blobs.OpenAsync(owner, blob, default))!;
        Assert.Equal(length, read.Length);
        Assert.Equal(Megabytes[..length], await AllAsync(read));
        foreach (var from in new[] { length / 2, length - 1, 0 }.Where(from => from >= 0))
        {
            read.Seek(from, SeekOrigin.Begin);
            Assert.Equal(Megabytes[from..length], await AllAsync(read));
        }
    }

    [Fact]
    public async Task A_few_bytes_are_read_here_and_there()
    {
        var (owner, blob) = (Next(), Next());
        await Blobs.WriteAsync(owner, blob, new MemoryStream(Megabytes[..3_000_000]), default);
        await using var read = (await Blobs.OpenAsync(owner, blob, default))!;
        foreach (var from in new[] { 2_000_000, 10, 13, 1_048_570, 2_999_990 })
        {
            var few = new byte[10];
            read.Position = from;
            await read.ReadExactlyAsync(few);
            Assert.Equal(Megabytes[from..(from + few.Length)], few);
            Assert.Equal(from + few.Length, read.Position);
        }

        Assert.Equal(0, await read.ReadAsync(new byte[1]));
    }

    [Theory]
    [InlineData(3_000_000)]
    [InlineData(15_000_000)]
    public async Task A_blob_whose_content_breaks_off_is_not_there_and_can_be_written_anew(int after)
    {
        var (owner, blob) = (Next(), Next());
        await Assert.ThrowsAsync<IOException>(() => Blobs.WriteAsync(owner, blob,
            new Drip(Megabytes) { BreaksAfter = after, Breaks = () => throw new IOException("The line is dead.") }, default));
        Assert.Null(await Blobs.OpenAsync(owner, blob, default));
        Assert.Equal(3, await Blobs.WriteAsync(owner, blob, new MemoryStream([1, 2, 3]), default));
        Assert.Equal([1, 2, 3], await ReadAsync(owner, blob));
    }

    [Theory]
    [InlineData(3_000_000)]
    [InlineData(15_000_000)]
    public async Task A_write_that_is_ended_stores_nothing(int after)
    {
        var (owner, blob) = (Next(), Next());
        using var end = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Blobs.WriteAsync(owner, blob,
            new Drip(Megabytes) { BreaksAfter = after, Breaks = end.CancelAsync }, end.Token));
        Assert.Null(await Blobs.OpenAsync(owner, blob, default));
    }

    [Fact]
    public async Task Blobs_go_with_their_owner_but_for_those_that_are_to_stay()
    {
        var (owner, other, kept, gone, theirs) = (Next(), Next(), Next(), Next(), Next());
        foreach (var (of, id) in new[] { (owner, kept), (owner, gone), (other, theirs) })
        {
            await Blobs.WriteAsync(of, id, new MemoryStream([7]), default);
        }

        await Blobs.DeleteAsync(owner, theirs, default);
        Assert.Equal([7], await ReadAsync(other, theirs));
        var alone = Next();
        await Blobs.WriteAsync(owner, alone, new MemoryStream([7]), default);
        await Blobs.DeleteAsync(owner, alone, default);
        Assert.Null(await Blobs.OpenAsync(owner, alone, default));
        await Blobs.DeleteAsync(owner, [kept], default);
        Assert.Equal([7], await ReadAsync(owner, kept));
        Assert.Null(await Blobs.OpenAsync(owner, gone, default));
        await Blobs.DeleteAsync(owner, [], default);
        await Blobs.DeleteAsync(owner, [], default);
        Assert.Null(await Blobs.OpenAsync(owner, kept, default));
        Assert.Equal([7], await ReadAsync(other, theirs));
        Assert.Null(await Blobs.OpenAsync(owner, theirs, default));
    }

    [Fact]
    public async Task Many_are_written_and_read_at_once_and_go_together()
    {
        var (owner, ids) = (Next(), Enumerable.Range(0, 12).Select(_ => Next()).ToList());
        await Task.WhenAll(ids.Select((id, number) => Blobs.WriteAsync(owner, id, new MemoryStream([(byte)number]), default)));
        var read = await Task.WhenAll(ids.Select(id => ReadAsync(owner, id)));
        Assert.Equal(Enumerable.Range(0, ids.Count).Select(number => (byte)number), read.Select(Assert.Single));
        await Task.WhenAll(Blobs.DeleteAsync(owner, [ids[3], ids[7]], default), Blobs.DeleteAsync(owner, ids[5], default));
        var left = await Task.WhenAll(ids.Select(id => Blobs.OpenAsync(owner, id, default)));
        Assert.Equal([3, 7], left.Index().Where(one => one.Item is not null).Select(one => one.Index));
        await Task.WhenAll(left.OfType<Stream>().Select(one => one.DisposeAsync().AsTask()));
    }

    /// <summary>For those that reach their engine over a network: through this door.</summary>
    protected async Task IsAnOutageAsync(Proxy door)
    {
        var (owner, blob, other) = (Next(), Next(), Next());
        await Blobs.WriteAsync(owner, blob, new MemoryStream(Megabytes[..3_000_000]), default);
        await using var read = (await Blobs.OpenAsync(owner, blob, default))!;
        door.Close();
        foreach (var act in new Func<Task>[]
        {
            () => read.ReadExactlyAsync(new byte[10]).AsTask(), () => Blobs.OpenAsync(owner, blob, default),
            () => Blobs.WriteAsync(owner, other, new MemoryStream([1]), default), () => Blobs.DeleteAsync(owner, blob, default),
            () => Blobs.DeleteAsync(owner, [], default),
        })
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(act);
        }

        door.Open();
        await RunningSuite.UntilAsync(async () =>
        {
            try
            {
                return await ReadAsync(owner, blob);
            }
            catch (StoreUnavailableException)
            {
                return [];
            }
        }, found => found.Length > 0, "The return of the store");
        read.Position = 0;
        Assert.Equal(Megabytes[..3_000_000], await AllAsync(read));
    }

    /// <summary>For a store that takes the place of an earlier one, and both together.</summary>
    protected async Task EarlierBlobsStayAsync(IBlobStore earlier, IBlobStore both, IBlobStore current)
    {
        var (owner, ids) = (Next(), Enumerable.Range(0, 3).Select(_ => Next()).ToList());
        foreach (var id in ids)
        {
            await earlier.WriteAsync(owner, id, new MemoryStream([1]), default);
        }

        var added = Next();
        await both.WriteAsync(owner, added, new MemoryStream([2]), default);
        Assert.Equal([2], await ReadAsync(current, owner, added));
        Assert.Null(await earlier.OpenAsync(owner, added, default));
        Assert.Equal([2], await ReadAsync(both, owner, added));
        Assert.Equal([1], await ReadAsync(both, owner, ids[0]));

        await both.DeleteAsync(owner, ids[0], default);
        Assert.Null(await both.OpenAsync(owner, ids[0], default));
        Assert.Null(await earlier.OpenAsync(owner, ids[0], default));
        await both.DeleteAsync(owner, [ids[1]], default);
        Assert.Equal([1], await ReadAsync(both, owner, ids[1]));
        Assert.Null(await earlier.OpenAsync(owner, ids[2], default));
        Assert.Null(await both.OpenAsync(owner, added, default));
        await both.DeleteAsync(owner, [], default);
        Assert.Null(await earlier.OpenAsync(owner, ids[1], default));
    }

    protected Guid Next() => Guid.CreateVersion7(Noon.AddMilliseconds(++_made));

    private Task<byte[]> ReadAsync(Guid owner, Guid blob) => ReadAsync(Blobs, owner, blob);

    private static async Task<byte[]> ReadAsync(IBlobStore blobs, Guid owner, Guid blob)
    {
        await using var read = (await blobs.OpenAsync(owner, blob, default))!;
        return await AllAsync(read);
    }

    private static async Task<byte[]> AllAsync(Stream stream)
    {
        var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    /// <summary>Gives a little at a time, as a connection does.</summary>
    protected sealed class Drip(byte[] content) : MemoryStream(content)
    {
        private const int Most = 100_000;

        public int BreaksAfter { get; init; } = int.MaxValue;

        public Func<Task> Breaks { get; init; } = () => Task.CompletedTask;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position >= BreaksAfter)
            {
                await Breaks();
            }

            return await base.ReadAsync(buffer[..Math.Min(buffer.Length, Most)], cancellationToken);
        }

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
