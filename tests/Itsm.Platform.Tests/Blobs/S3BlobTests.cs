using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Itsm.Platform.Documents;
using Itsm.Platform.Documents.S3;
using Itsm.Platform.Documents.Sqlite;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Tests.Blobs;

[OuterTier]
public sealed class S3BlobTests : BlobContract
{
    private const int Megabyte = 1_000_000;
    private readonly string _service = "tests-" + Path.GetRandomFileName().Replace('.', '-');
    private readonly List<BlobBucket> _opened = [];
    private BucketAddress _address = null!;
    private Proxy _door = null!;

    public override async ValueTask DisposeAsync()
    {
        _opened.ForEach(one => one.Dispose());
        await _door.DisposeAsync();
    }

    protected override async ValueTask<IBlobStore> OpenAsync()
    {
        if (_opened.Count == 0)
        {
            (_door, _address) = (await Engines.S3Async()).Behind();
            _door.Open();
        }

        return Bucket(_address).BlobsOf(_service);
    }

    [Fact]
    public Task A_store_that_goes_away_is_an_outage_also_while_a_blob_is_read() => IsAnOutageAsync(_door);

    [Fact]
    public async Task A_read_whose_connection_breaks_goes_on_over_another_and_fails_where_there_is_none()
    {
        var (owner, blob) = (Next(), Next());
        await Blobs.WriteAsync(owner, blob, new MemoryStream(Megabytes), default);
        await using var read = (await Blobs.OpenAsync(owner, blob, default))!;
        var all = new byte[Megabytes.Length];
        await read.ReadExactlyAsync(all.AsMemory(0, 10));
        _door.Close();
        _door.Open();
        await read.ReadExactlyAsync(all.AsMemory(10));
        Assert.Equal(Megabytes, all);

        read.Position = 0;
        await read.ReadExactlyAsync(all.AsMemory(0, 10));
        _door.Close();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => read.ReadExactlyAsync(all.AsMemory(10)).AsTask());
    }

    [Fact]
    public async Task What_was_written_before_the_bucket_was_set_is_still_read_and_deleted()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("itsm-blobs-");
        await using (var before = new SqliteDatabase(Path.Combine(folder.FullName, "documents.db")))
        await using (var now = new SqliteDatabase(Path.Combine(folder.FullName, "documents.db"), blobs: Blobs))
        {
            await EarlierBlobsStayAsync(before.Blobs, now.Blobs, Blobs);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_store_that_knows_no_list_of_uploads_deletes_and_one_that_knows_nothing_is_an_outage()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var server = builder.Build();
        var knowsLists = true;
        server.Run(context =>
        {
            var isKnown = knowsLists && context.Request.Query.ContainsKey("list-type");
            context.Response.StatusCode = isKnown ? 200 : 405;
            return context.Response.WriteAsync(isKnown
                ? "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
                : "<Error><Code>MethodNotAllowed</Code><Message>Not here.</Message></Error>");
        });
        await server.StartAsync();
        var bucket = Bucket(_address with { Endpoint = server.Urls.Single() });
        var blobs = bucket.BlobsOf(_service);
        await blobs.DeleteAsync(Next(), [], default);

        knowsLists = false;
        Assert.Equal($"{_address.Bucket}: Not here.", await bucket.OutageAsync(default));
        foreach (var act in new Func<Task>[]
        {
            () => blobs.WriteAsync(Next(), Next(), new MemoryStream([1]), default), () => blobs.DeleteAsync(Next(), Next(), default),
            () => blobs.WriteAsync(Next(), Next(), new MemoryStream(Megabytes), default), () => blobs.DeleteAsync(Next(), [], default),
            () => blobs.OpenAsync(Next(), Next(), default),
        })
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(act);
        }
    }

    [Fact]
    public async Task Objects_are_found_by_service_owner_and_id()
    {
        var (owner, blob) = (Next(), Next());
        await Blobs.WriteAsync(owner, blob, new MemoryStream([1, 2]), default);
        using var client = Client();
        Assert.Equal(2, (await client.GetObjectMetadataAsync(_address.Bucket, $"{_service}/{owner:N}/{blob:N}")).ContentLength);
        var others = Bucket(_address).BlobsOf(_service + "-other");
        Assert.Null(await others.OpenAsync(owner, blob, default));
        await others.DeleteAsync(owner, [], default);
        await using var still = await Blobs.OpenAsync(owner, blob, default);
        Assert.NotNull(still);
    }

    [Fact]
    public async Task What_a_dead_process_had_uploaded_goes_with_its_owner()
    {
        var (owner, other, blob) = (Next(), Next(), Next());
        using var client = Client();
        foreach (var of in new[] { owner, other })
        {
            var key = $"{_service}/{of:N}/{blob:N}";
            var upload = (await client.InitiateMultipartUploadAsync(_address.Bucket, key)).UploadId;
            await client.UploadPartAsync(new UploadPartRequest
            {
                BucketName = _address.Bucket, Key = key, UploadId = upload, PartNumber = 1, InputStream = new MemoryStream([1]),
                UseChunkEncoding = false,
            });
        }

        Assert.Null(await Blobs.OpenAsync(owner, blob, default));
        await Blobs.DeleteAsync(owner, [], default);
        Assert.Equal([$"{_service}/{other:N}/{blob:N}"], await UploadsAsync(client));
    }

    [Fact]
    public async Task A_write_that_fails_leaves_no_upload()
    {
        await Assert.ThrowsAsync<IOException>(() => Blobs.WriteAsync(Next(), Next(),
            new Drip(Megabytes) { BreaksAfter = 15 * Megabyte, Breaks = () => throw new IOException("The line is dead.") }, default));
        using var client = Client();
        Assert.Empty(await UploadsAsync(client));
    }

    [Fact]
    public async Task What_is_deleted_while_it_is_written_or_read_is_to_be_tried_again()
    {
        var (owner, blob) = (Next(), Next());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Blobs.WriteAsync(owner, blob,
            new Drip(Megabytes) { BreaksAfter = 16 * Megabyte, Breaks = () => Blobs.DeleteAsync(owner, [], default) }, default));
        Assert.Null(await Blobs.OpenAsync(owner, blob, default));
        await Blobs.WriteAsync(owner, blob, new MemoryStream([1]), default);
        await using var read = (await Blobs.OpenAsync(owner, blob, default))!;
        await Blobs.DeleteAsync(owner, blob, default);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await read.ReadExactlyAsync(new byte[1]));
    }

    [Fact]
    public async Task A_large_blob_is_not_held_in_memory()
    {
        var (owner, blob, most) = (Next(), Next(), 0L);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await using var content = new Measured(50 * Megabyte, () => most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true)));
        Assert.Equal(50 * Megabyte, await Blobs.WriteAsync(owner, blob, content, default));
        Assert.InRange(most - before, 0, 20 * Megabyte);
        await using var read = (await Blobs.OpenAsync(owner, blob, default))!;
        Assert.Equal(50 * Megabyte, read.Length);
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_or_not_for_us_is_told_and_is_no_missing_blob()
    {
        Assert.Null(await Bucket(_address).OutageAsync(default));
        foreach (var (address, why) in new[]
        {
            (_address with { Bucket = "none" }, "none: The specified bucket does not exist"),
            (_address with { AccessKey = "stranger" }, "The AWS Access Key Id you provided does not exist in our records."),
        })
        {
            var bucket = Bucket(address);
            Assert.Contains(why, await bucket.OutageAsync(default), StringComparison.Ordinal);
            var blobs = bucket.BlobsOf(_service);
            await Assert.ThrowsAsync<StoreUnavailableException>(() => blobs.OpenAsync(Next(), Next(), default));
            await Assert.ThrowsAsync<StoreUnavailableException>(() => blobs.WriteAsync(Next(), Next(), new MemoryStream([1]), default));
            await Assert.ThrowsAsync<StoreUnavailableException>(() => blobs.DeleteAsync(Next(), Next(), default));
        }
    }

    [Fact]
    public async Task A_store_that_is_silent_is_told_soon()
    {
        var bucket = Bucket(_address);
        _door.Hold();
        Assert.Equal($"{_address.Bucket}: no answer within 2 s.", await bucket.OutageAsync(default));
        _door.Release();
        Assert.Null(await bucket.OutageAsync(default));
    }

    private BlobBucket Bucket(BucketAddress address)
    {
        _opened.Add(new BlobBucket(new S3Settings
        {
            Endpoint = address.Endpoint, AccessKey = address.AccessKey, SecretKey = address.SecretKey, Bucket = address.Bucket,
        }));
        return _opened[^1];
    }

    private AmazonS3Client Client() => new(new BasicAWSCredentials(_address.AccessKey, _address.SecretKey),
        new AmazonS3Config { ServiceURL = _address.Endpoint, ForcePathStyle = true });

    private async Task<IEnumerable<string>> UploadsAsync(AmazonS3Client client) =>
        ((await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _address.Bucket, Prefix = _service }))
            .MultipartUploads ?? []).Select(one => one.Key);

    /// <summary>So many bytes of nothing; looks now and then.</summary>
    private sealed class Measured(int length, Action look) : ContentStream
    {
        private const int Every = 5 * Megabyte;

        public override long Length => length;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = (int)Math.Min(Math.Min(buffer.Length, Length - Position), Every);
            if (Position / Every != (Position + read) / Every)
            {
                look();
            }

            Position += read;
            return new(read);
        }
    }
}
