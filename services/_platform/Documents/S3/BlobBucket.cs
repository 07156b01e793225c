using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Itsm.Platform.Documents.S3;

/// <summary>A bucket of Amazon S3 or of another store that speaks its protocol, shared by all services of a process.</summary>
/// <remarks>What it refuses counts as an outage, too: keys and rights are put right outside, and then it answers.</remarks>
internal sealed class BlobBucket(S3Settings settings) : IDisposable
{
    private const string DefaultRegion = "us-east-1";
    private const int Retries = 2;
    private static readonly TimeSpan Connection = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestOperation = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingPatience = TimeSpan.FromSeconds(2);
    private readonly AmazonS3Client _client = Connect(settings);

    /// <summary>What it is called.</summary>
    public string Name { get; } = settings.Bucket!;

    /// <summary>That of a service: what it stores begins with its name.</summary>
    public IBlobStore BlobsOf(string service) => new S3Blobs(this, service);

    /// <summary>Asks something of the store, for at most 30 s.</summary>
    /// <exception cref="StoreUnavailableException">It does not answer, or refuses.</exception>
    /// <exception cref="AmazonS3Exception">What is asked for is missing: <see cref="IsMissing"/>.</exception>
    public async Task<T> AskAsync<T>(Func<AmazonS3Client, CancellationToken, Task<T>> ask, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(LongestOperation);
        try
        {
            return await ask(_client, limit.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new StoreUnavailableException($"{Name}: no answer within {LongestOperation.TotalSeconds:0} s.", e);
        }
        catch (Exception e) when (!IsMissing(e)
            && e is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or TimeoutException)
        {
            throw new StoreUnavailableException($"{Name}: {e.Message}", e);
        }
    }

    /// <summary>The same for an operation that not every store knows.</summary>
    /// <returns>Null where this one does not.</returns>
    public async Task<T?> AskIfKnownAsync<T>(Func<AmazonS3Client, CancellationToken, Task<T>> ask, CancellationToken ct)
        where T : AmazonWebServiceResponse
    {
        try
        {
            return await AskAsync(ask, ct);
        }
        catch (StoreUnavailableException e)
            when (e.InnerException is AmazonS3Exception { ErrorCode: "NotImplemented" or "MethodNotAllowed" })
        {
            return null;
        }
    }

    /// <summary>Why it does not answer; null where it does.</summary>
    public async Task<string?> OutageAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(PingPatience);
        try
        {
            await PingAsync(limit.Token);
            return null;
        }
        catch (StoreUnavailableException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"{Name}: no answer within {PingPatience.TotalSeconds:0} s.";
        }
    }

    /// <summary>Asks for something that every bucket answers.</summary>
    /// <exception cref="StoreUnavailableException">It does not.</exception>
    public Task PingAsync(CancellationToken ct) => AskAsync((client, limit) =>
        client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Name, MaxKeys = 1 }, limit), ct);

    /// <summary>True where an object or an upload is not there. The answer to a HEAD has no reason: then it may be the bucket.</summary>
    public static bool IsMissing(Exception e) => e is AmazonS3Exception { ErrorCode: "NoSuchKey" or "NoSuchUpload" or "NotFound" };

    public void Dispose() => _client.Dispose();

    private static AmazonS3Client Connect(S3Settings settings)
    {
        var config = new AmazonS3Config
        {
            MaxErrorRetry = Retries, ConnectTimeout = Connection, Timeout = LongestOperation,

            // Each body is signed as a whole, which checks it, too; other stores know no newer checksums.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (settings.Endpoint is { } endpoint)
        {
            (config.ServiceURL, config.ForcePathStyle, config.AuthenticationRegion) = (endpoint, true, settings.Region ?? DefaultRegion);
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(settings.Region);
        }

        return settings.AccessKey is { } key
            ? new AmazonS3Client(new BasicAWSCredentials(key, settings.SecretKey), config)
            : new AmazonS3Client(config);
    }
}
