using Amazon.S3;
using Amazon.S3.Model;

namespace Itsm.Platform.Documents.S3;

/// <summary>Blobs as objects <c>{service}/{owner}/{id}</c> of a bucket. What is larger than a part goes by multipart upload, and is there
/// when that is completed.</summary>
internal sealed class S3Blobs(BlobBucket bucket, string service) : IBlobStore
{
    private const int DeletedAtOnce = 4;
    private static readonly TimeSpan UndoPatience = TimeSpan.FromSeconds(5);

    public async Task<long> WriteAsync(Guid owner, Guid id, Stream content, CancellationToken ct)
    {
        var (key, part, upload) = (KeyOf(owner, id), new S3Part(), (string?)null);
        var isMore = await part.FillAsync(content, ct);
        try
        {
            var length = (long)part.Length;
            if (isMore)
            {
                var begun = await bucket.AskAsync((client, limit) => client.InitiateMultipartUploadAsync(bucket.Name, key, limit), ct);
                upload = begun.UploadId;
                length = await WritePartsAsync(key, upload, part, content, ct);
            }
            else
            {
                await bucket.AskAsync((client, limit) => client.PutObjectAsync(new PutObjectRequest
                {
                    BucketName = bucket.Name, Key = key, InputStream = part.Read(), UseChunkEncoding = false,
                }, limit), ct);
            }

            part.Release();
            return length;
        }
        catch (Exception e)
        {
            await UndoAsync(key, upload);
            if (BlobBucket.IsMissing(e))
            {
                throw new StoreUnavailableException($"{bucket.Name}: {key} was deleted while it was written.", e);
            }

            throw;
        }
    }

    public async Task<Stream?> OpenAsync(Guid owner, Guid id, CancellationToken ct)
    {
        var key = KeyOf(owner, id);
        try
        {
            var found = await bucket.AskAsync((client, limit) => client.GetObjectMetadataAsync(bucket.Name, key, limit), ct);
            return new S3Content(bucket, key, found.ContentLength);
        }
        catch (AmazonS3Exception e) when (BlobBucket.IsMissing(e))
        {
            await bucket.PingAsync(ct);
            return null;
        }
    }

    public Task DeleteAsync(Guid owner, Guid id, CancellationToken ct) => DeleteAsync(KeyOf(owner, id), ct);

    public async Task DeleteAsync(Guid owner, IReadOnlyCollection<Guid> except, CancellationToken ct)
    {
        var (folder, kept) = (FolderOf(owner), except.Select(id => KeyOf(owner, id)).ToHashSet());
        await AbortUploadsAsync(folder, ct);
        var request = new ListObjectsV2Request { BucketName = bucket.Name, Prefix = folder };
        do
        {
            var page = await bucket.AskAsync((client, limit) => client.ListObjectsV2Async(request, limit), ct);
            await Parallel.ForEachAsync((page.S3Objects ?? []).Select(one => one.Key).Where(key => !kept.Contains(key)),
                new ParallelOptions { MaxDegreeOfParallelism = DeletedAtOnce, CancellationToken = ct },
                async (key, end) => await DeleteAsync(key, end));
            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    private async Task<long> WritePartsAsync(string key, string upload, S3Part part, Stream content, CancellationToken ct)
    {
        var (sent, length) = (new List<PartETag>(), 0L);
        do
        {
            var number = sent.Count + 1;
            var answer = await bucket.AskAsync((client, limit) => client.UploadPartAsync(new UploadPartRequest
            {
                BucketName = bucket.Name, Key = key, UploadId = upload, PartNumber = number, PartSize = part.Length,
                InputStream = part.Read(), UseChunkEncoding = false,
            }, limit), ct);
            sent.Add(new PartETag(number, answer.ETag));
            length += part.Length;
        }
        while (await part.FillAsync(content, ct) || part.Length > 0);
        await bucket.AskAsync((client, limit) => client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest
        {
            BucketName = bucket.Name, Key = key, UploadId = upload, PartETags = sent,
        }, limit), ct);
        return length;
    }

    /// <summary>As far as it can be done: what stays goes with its owner.</summary>
    private async Task UndoAsync(string key, string? upload)
    {
        using var end = new CancellationTokenSource(UndoPatience);
        try
        {
            if (upload is not null)
            {
                await AbortAsync(key, upload, end.Token);
            }

            await DeleteAsync(key, end.Token);
        }
        catch (Exception e) when (e is StoreUnavailableException or AmazonS3Exception or OperationCanceledException)
        {
            // The failure before it is told.
        }
    }

    /// <summary>Ends the uploads that nobody completed. A store that does not list them gives them up by itself.</summary>
    private async Task AbortUploadsAsync(string folder, CancellationToken ct)
    {
        var request = new ListMultipartUploadsRequest { BucketName = bucket.Name, Prefix = folder };
        while (await bucket.AskIfKnownAsync((client, limit) => client.ListMultipartUploadsAsync(request, limit), ct) is { } page)
        {
            foreach (var upload in page.MultipartUploads ?? [])
            {
                await AbortAsync(upload.Key, upload.UploadId, ct);
            }

            if (page.IsTruncated != true)
            {
                return;
            }

            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
    }

    private Task AbortAsync(string key, string upload, CancellationToken ct) =>
        UnlessMissingAsync((client, limit) => client.AbortMultipartUploadAsync(bucket.Name, key, upload, limit), ct);

    private Task DeleteAsync(string key, CancellationToken ct) =>
        UnlessMissingAsync((client, limit) => client.DeleteObjectAsync(bucket.Name, key, limit), ct);

    private async Task UnlessMissingAsync<T>(Func<AmazonS3Client, CancellationToken, Task<T>> ask, CancellationToken ct)
    {
        try
        {
            await bucket.AskAsync(ask, ct);
        }
        catch (AmazonS3Exception e) when (BlobBucket.IsMissing(e))
        {
            // It is gone already.
        }
    }

    private string FolderOf(Guid owner) => $"{service}/{owner:N}/";

    private string KeyOf(Guid owner, Guid id) => $"{FolderOf(owner)}{id:N}";
}
