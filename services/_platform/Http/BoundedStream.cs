namespace Itsm.Platform.Http;

/// <summary>Reads at most so many bytes.</summary>
/// <param name="content">Read once, from here on.</param>
/// <param name="most">How many.</param>
/// <param name="tooLarge">What is thrown where there is one more.</param>
public sealed class BoundedStream(Stream content, long most, Func<Exception> tooLarge) : Stream
{
    private long _read;

    /// <summary>What is thrown where the content can't be read; the failure itself where null.</summary>
    public Func<IOException, Exception>? Broken { get; init; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => _read; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await content.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException e) when (Broken is not null)
        {
            throw Broken(e);
        }

        _read += read;
        return _read <= most ? read : throw tooLarge();
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
