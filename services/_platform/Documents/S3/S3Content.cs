using Amazon.S3;
using Amazon.S3.Model;

namespace Itsm.Platform.Documents.S3;

/// <summary>An object to read: what follows a place is asked for when it is come to.</summary>
internal sealed class S3Content(BlobBucket bucket, string key, long length) : ContentStream
{
    private const long Nowhere = -1;
    private GetObjectResponse? _answer;
    private long _reached = Nowhere;

    public override long Length => length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position >= Length || buffer.Length == 0)
        {
            return 0;
        }

        for (var isLast = false; ; isLast = true)
        {
            if (_reached != Position)
            {
                await AskAsync(cancellationToken);
            }

            if (await ReadOnAsync(buffer, isLast, cancellationToken) is > 0 and var read)
            {
                return read;
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _answer?.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <returns>0 where the answer broke off, and the rest may be asked for once more.</returns>
    private async Task<int> ReadOnAsync(Memory<byte> buffer, bool isLast, CancellationToken ct)
    {
        _reached = Nowhere;
        try
        {
            var read = await bucket.AskAsync((_, limit) => _answer!.ResponseStream.ReadAsync(buffer, limit).AsTask(), ct);
            if (read == 0)
            {
                throw new StoreUnavailableException($"{bucket.Name}: {key} broke off after {Position} bytes of {Length}.");
            }

            _reached = Position += read;
            return read;
        }
        catch (StoreUnavailableException) when (!isLast)
        {
            return 0;
        }
    }

    private async Task AskAsync(CancellationToken ct)
    {
        _answer?.Dispose();
        var request = new GetObjectRequest { BucketName = bucket.Name, Key = key, ByteRange = new ByteRange(Position, Length - 1) };
        try
        {
            _answer = await bucket.AskAsync((client, limit) => client.GetObjectAsync(request, limit), ct);
            _reached = Position;
        }
        catch (AmazonS3Exception e) when (BlobBucket.IsMissing(e))
        {
            throw new StoreUnavailableException($"{bucket.Name}: {key} was deleted while it was read.", e);
        }
    }
}
