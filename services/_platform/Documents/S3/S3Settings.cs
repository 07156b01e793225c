using System.Text.RegularExpressions;

namespace Itsm.Platform.Documents.S3;

/// <summary>Section <c>Blobs:S3</c>: a bucket for blobs, beside whatever store has the documents. An empty text is none.</summary>
public sealed partial class S3Settings
{
    /// <summary>The bucket, which is there; null, and blobs are kept by the document store, by default.</summary>
    public string? Bucket { get; set => field = OrNull(value); }

    /// <summary>Address of a store that speaks S3, which finds the bucket in the path; that of Amazon S3 by default.</summary>
    public string? Endpoint { get; set => field = OrNull(value); }

    /// <summary>Region of the bucket; needed without an endpoint, <c>us-east-1</c> with one by default.</summary>
    public string? Region { get; set => field = OrNull(value); }

    /// <summary>With the secret key; without both the AWS SDK looks for credentials where it always does, such as a role of the
    /// pod.</summary>
    public string? AccessKey { get; set => field = OrNull(value); }

    /// <summary>Of the access key.</summary>
    public string? SecretKey { get; set => field = OrNull(value); }

    /// <summary>What is wrong with them, in one sentence that names the setting; null where they can be used.</summary>
    internal string? Fault => this switch
    {
        { Bucket: null } => "Blobs:S3:Bucket is missing: the other settings of Blobs:S3 say where it is.",
        _ when !BucketName().IsMatch(Bucket) => $"Blobs:S3:Bucket is not the name of a bucket: {Bucket}",
        { Endpoint: { } endpoint } when !IsAddress(endpoint) =>
            $"Blobs:S3:Endpoint is not an address such as https://s3.example.org:9000, without a path: {endpoint}",
        { Endpoint: null, Region: null } => "Blobs:S3:Region is missing: without Blobs:S3:Endpoint it says where the bucket is.",
        { Region: { } region } when !RegionName().IsMatch(region) => $"Blobs:S3:Region is not a region such as eu-central-1: {region}",
        { AccessKey: null, SecretKey: not null } => "Blobs:S3:AccessKey is missing: Blobs:S3:SecretKey belongs to one.",
        { AccessKey: not null, SecretKey: null } => "Blobs:S3:SecretKey is missing: Blobs:S3:AccessKey has one.",
        _ => null,
    };

    /// <summary>True where one of them is set.</summary>
    internal bool IsGiven => (Bucket ?? Endpoint ?? Region ?? AccessKey ?? SecretKey) is not null;

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static bool IsAddress(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address)
        && address is { Scheme: "http" or "https", PathAndQuery: "/", Fragment: "", UserInfo: "" };

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\z")]
    private static partial Regex BucketName();

    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex RegionName();
}
