using System.Buffers;

namespace Itsm.Platform.Documents.S3;

/// <summary>What was read of a blob and is to be sent, in memory of the pool that grows with it.</summary>
internal sealed class S3Part
{
    private const int Most = 8 * 1024 * 1024;
    private const int First = 128 * 1024;
    private const int Growth = 4;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(First);

    /// <summary>How many bytes it has.</summary>
    public int Length { get; private set; }

    /// <summary>Reads anew until it is full.</summary>
    /// <returns>False where the content ended before.</returns>
    public async Task<bool> FillAsync(Stream content, CancellationToken ct)
    {
        for (Length = 0; Length < Most;)
        {
            if (Length == _bytes.Length)
            {
                Grow();
            }

            var read = await content.ReadAsync(_bytes.AsMemory(Length, Math.Min(_bytes.Length, Most) - Length), ct);
            if (read == 0)
            {
                return false;
            }

            Length += read;
        }

        return true;
    }

    /// <summary>Its bytes.</summary>
    public Stream Read() => new MemoryStream(_bytes, 0, Length, writable: false);

    /// <summary>Gives its memory back. Not after a failure: a request that was given up may still read it.</summary>
    public void Release()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(_bytes.Length * Growth, Most));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
