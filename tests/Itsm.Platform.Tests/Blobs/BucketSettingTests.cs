using Itsm.Platform.Hosting;

namespace Itsm.Platform.Tests.Blobs;

public sealed class BucketSettingTests
{
    [Theory]
    [InlineData("Region=eu-central-1", "Blobs:S3:Bucket is missing: the other settings of Blobs:S3 say where it is.")]
    [InlineData("SecretKey=s", "Blobs:S3:Bucket is missing: the other settings of Blobs:S3 say where it is.")]
    [InlineData("Bucket=My_Files;Region=eu-central-1", "Blobs:S3:Bucket is not the name of a bucket: My_Files")]
    [InlineData("Bucket=files", "Blobs:S3:Region is missing: without Blobs:S3:Endpoint it says where the bucket is.")]
    [InlineData("Bucket=files;Region=", "Blobs:S3:Region is missing: without Blobs:S3:Endpoint it says where the bucket is.")]
    [InlineData("Bucket=files;Region=EU Central", "Blobs:S3:Region is not a region such as eu-central-1: EU Central")]
    [InlineData("Bucket=files;Endpoint=minio:9000",
        "Blobs:S3:Endpoint is not an address such as https://s3.example.org:9000, without a path: minio:9000")]
    [InlineData("Bucket=files;Endpoint=https://minio/files",
        "Blobs:S3:Endpoint is not an address such as https://s3.example.org:9000, without a path: https://minio/files")]
    [InlineData("Bucket=files;Region=eu-central-1;AccessKey=a", "Blobs:S3:SecretKey is missing: Blobs:S3:AccessKey has one.")]
    [InlineData("Bucket=files;Region=eu-central-1;SecretKey=s", "Blobs:S3:AccessKey is missing: Blobs:S3:SecretKey belongs to one.")]
    public void Wrong_or_half_settings_end_the_start(string settings, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<InvalidOperationException>(() => Build(settings)).Message);

    [Theory]
    [InlineData("Bucket=")]
    [InlineData("Bucket=files;Region=eu-central-1")]
    [InlineData("Bucket=files;Endpoint=http://127.0.0.1:1;AccessKey=a;SecretKey=s")]
    public async Task Whole_settings_are_taken(string settings) => await Build(settings).DisposeAsync();

    private static Microsoft.AspNetCore.Builder.WebApplication Build(string settings) => ServiceHost.Build(
    [
        "--environment=Production", "--ConnectionStrings:mongodb=mongodb://127.0.0.1:1", "--ConnectionStrings:rabbitmq=amqp://127.0.0.1:1",
        "--ConnectionStrings:redis=127.0.0.1:1,connectTimeout=100", "--Authentication:Authority=https://id.example.org",
        "--Audit:Current=a", $"--Audit:Keys:a={Convert.ToBase64String(new byte[32])}",
        .. settings.Split(';').Select(setting => "--Blobs:S3:" + setting),
    ], []);
}
