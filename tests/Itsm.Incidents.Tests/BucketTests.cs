using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Files on tickets in a bucket of S3, beside the embedded store.</summary>
[OuterTier]
public sealed class BucketTests
{
    private const int Mebibyte = 1024 * 1024;
    private static readonly byte[] Large = [.. Enumerable.Range(0, (9 * Mebibyte) + 5).Select(number => (byte)(number % 251))];

    [Fact]
    public async Task A_file_comes_in_parts_is_read_in_ranges_and_goes_from_the_bucket()
    {
        var address = await Engines.S3Async();
        await using var suite = new Suite(address.Settings);
        await suite.InitializeAsync();
        var id = (await suite.OpenAsync()).Id;
        var begun = await BeginAsync(suite, id);
        (await PartAsync(suite, id, begun, 0, Mebibyte)).Ok();
        Assert.Equal(Mebibyte, (await suite.GetAsync(Caller, PathTo(id, begun))).Ok()["received"]!.GetValue<int>());
        Assert.Equal("attachment.offset", (await PartAsync(suite, id, begun, 0, Mebibyte)).Problem(409).Code());
        var whole = (await PartAsync(suite, id, begun, Mebibyte, Large.Length - Mebibyte)).Ok();
        Assert.Equal(("available", Convert.ToHexStringLower(SHA256.HashData(Large))), (whole.Text("state"), whole.Text("sha256")));

        using var all = await DownloadAsync(suite, id, begun);
        Assert.Equal(Large, await all.Content.ReadAsByteArrayAsync());
        using var across = await DownloadAsync(suite, id, begun, new RangeHeaderValue(Mebibyte - 3, Mebibyte + 3));
        Assert.Equal(HttpStatusCode.PartialContent, across.StatusCode);
        Assert.Equal(Large[(Mebibyte - 3)..(Mebibyte + 4)], await across.Content.ReadAsByteArrayAsync());
        Assert.False(System.IO.Directory.Exists(Path.Combine(suite.Data, "incidents.blobs")));

        Assert.Equal(2, await ObjectsAsync(address, begun));
        (await suite.SendAsync(Caller, HttpMethod.Delete, PathTo(id, begun), ifMatch: "*")).Ok();
        (await suite.GetAsync(Caller, PathTo(id, begun) + "/content")).Problem(404);
        await RunningSuite.UntilAsync(() => ObjectsAsync(address, begun), count => count == 0, "The end of the objects");
    }

    [Fact]
    public async Task While_the_bucket_is_away_files_wait_the_rest_works_and_health_says_so()
    {
        var (door, address) = (await Engines.S3Async()).Behind();
        await using var closes = door;
        await using var suite = new Suite(address.Settings);
        await suite.InitializeAsync();
        door.Open();
        var id = (await suite.OpenAsync()).Id;
        var sent = (await SendAsync(suite, id)).Ok();
        Assert.Equal(HealthStatus.Healthy, (await suite.HealthAsync()).Status);

        door.Close();
        var refused = await SendAsync(suite, id);
        Assert.Equal("store-unavailable", refused.Problem(503).Code());
        Assert.Equal("2", refused.Headers["Retry-After"]);
        Assert.Equal("store-unavailable", (await suite.GetAsync(Caller, PathTo(id, sent.Id) + "/content")).Problem(503).Code());
        var health = await suite.HealthAsync();
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.DoesNotContain("ready", health.Tags);
        Assert.StartsWith("The bucket does not answer, and files can't be stored or read. blobs: ", health.Description,
            StringComparison.Ordinal);
        await suite.OpenAsync();

        door.Open();
        (await SendAsync(suite, id)).Ok();
        using var read = await DownloadAsync(suite, id, sent.Id);
        Assert.Equal([1, 2, 3], await read.Content.ReadAsByteArrayAsync());
        Assert.Equal(HealthStatus.Healthy, (await suite.HealthAsync()).Status);
    }

    private static string PathTo(string id, string attachment) => $"incidents/{id}/attachments/{attachment}";

    private static Task<Answer> SendAsync(RunningSuite suite, string id) =>
        suite.SendAsync(Caller, HttpMethod.Post, $"incidents/{id}/attachments?fileName=a.bin", new ByteArrayContent([1, 2, 3]));

    private static async Task<string> BeginAsync(RunningSuite suite, string id) => (await suite.PostAsync(
        Caller, $"incidents/{id}/attachments/uploads", new { fileName = "trace.bin", size = Large.Length })).Ok().Id;

    private static Task<Answer> PartAsync(RunningSuite suite, string id, string attachment, int from, int count)
    {
        var content = new ByteArrayContent(Large[from..(from + count)]);
        content.Headers.ContentRange = new ContentRangeHeaderValue(from, from + count - 1, Large.Length);
        return suite.SendAsync(Caller, HttpMethod.Put, PathTo(id, attachment) + "/content", content);
    }

    private static async Task<HttpResponseMessage> DownloadAsync(
        RunningSuite suite, string id, string attachment, RangeHeaderValue? range = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/{PathTo(id, attachment)}/content");
        request.Headers.Range = range;
        return await suite.As(Caller).SendAsync(request);
    }

    private static async Task<int> ObjectsAsync(BucketAddress address, string attachment)
    {
        using var client = new AmazonS3Client(new BasicAWSCredentials(address.AccessKey, address.SecretKey),
            new AmazonS3Config { ServiceURL = address.Endpoint, ForcePathStyle = true });
        return (await client.ListObjectsV2Async(new ListObjectsV2Request
        {
            BucketName = address.Bucket, Prefix = $"incidents/{Guid.Parse(attachment):N}/",
        })).S3Objects?.Count ?? 0;
    }

    private sealed class Suite(IReadOnlyDictionary<string, string?> settings) : IncidentsSuite
    {
        public async Task<HealthReportEntry> HealthAsync() =>
            (await Modules.GetRequiredService<HealthCheckService>().CheckHealthAsync(one => one.Name == "blobs")).Entries["blobs"];

        protected override void Configure(WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(settings);
    }
}
