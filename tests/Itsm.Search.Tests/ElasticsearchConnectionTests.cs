using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elastic.Clients.Elasticsearch;
using Itsm.Platform.Documents;
using Itsm.Search.Engines.Elasticsearch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using HttpMethod = Elastic.Transport.HttpMethod;

namespace Itsm.Search.Tests;

public sealed class ElasticsearchConnectionTests : IDisposable
{
    private readonly EngineScript _server = new();

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData("http://user:p%40ss@127.0.0.1:9200", null, "Basic dXNlcjpwQHNz")]
    [InlineData("http://user:p%40ss@127.0.0.1:9200", "a2V5OnNlY3JldA==", "ApiKey a2V5OnNlY3JldA==")]
    [InlineData("http://127.0.0.1:9200", null, null)]
    public async Task Who_calls_is_told_by_the_key_or_else_by_user_and_password(string address, string? key, string? expected)
    {
        _server.Answers("{}");
        await Connect(address, new SearchSettings { ApiKey = key }).SendAsync(HttpMethod.GET, "", default, default);
        Assert.Equal(expected, _server.Requests[0].Authorization);
    }

    [Theory]
    [InlineData("http://localhost:9200", null)]
    [InlineData("http://search.example:9200", "gzip")]
    public async Task Bodies_are_compressed_over_a_network_only(string address, string? encoding)
    {
        _server.Answers("{}");
        await Connect(address).SendAsync(HttpMethod.POST, "_bulk", "{}\n"u8.ToArray(), default);
        Assert.Equal(("{}\n", encoding, "application/json"),
            (_server.Requests[0].Body, _server.Requests[0].Encoding, _server.Requests[0].Type));
    }

    [Fact]
    public async Task Another_node_answers_for_one_that_is_away()
    {
        _server.Away.Add("one.example");
        var connection = Connect("http://one.example:9200, http://two.example:9200");
        for (var number = 0; number < 4; number++)
        {
            _server.Answers("{}").Answers("{}");
            Assert.Equal(200, (await connection.SendAsync(HttpMethod.GET, "", default, default)).Status);
        }
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task What_is_refused_for_the_moment_is_asked_again(int status)
    {
        _server.Answers("""{"error":{"type":"circuit_breaking_exception"}}""", status).Answers("{}");
        Assert.Equal(200, (await Connect().SendAsync(HttpMethod.GET, "some/_search", default, default)).Status);
        Assert.Equal(2, _server.Requests.Count);

        for (var number = 0; number < 4; number++)
        {
            _server.Answers($$"""{"error":{"type":"circuit_breaking_exception","reason":"Data too large"},"status":{{status}}}""", status);
        }

        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => Connect().SendAsync(HttpMethod.GET, "some/_search", default, default));
        Assert.Contains("Data too large", refused.Message, StringComparison.Ordinal);
        Assert.Equal(6, _server.Requests.Count);
    }

    [Fact]
    public async Task A_query_that_meets_an_index_just_being_deleted_is_asked_again()
    {
        // As OpenSearch 2.19 says it.
        const string Closed = """
            {"error":{"root_cause":[{"type":"query_shard_exception","reason":"failed to create query: this Analyzer is closed"}],
            "type":"search_phase_execution_exception","reason":"all shards failed","caused_by":{"type":"query_shard_exception",
            "reason":"failed to create query: this Analyzer is closed","caused_by":{"type":"already_closed_exception",
            "reason":"this Analyzer is closed"}}},"status":400}
            """;
        _server.Answers(Closed, 400).Answers("{}");
        Assert.Equal(200, (await Connect().SendAsync(HttpMethod.POST, "some/_search", default, default)).Status);
        for (var number = 0; number < 4; number++)
        {
            _server.Answers(Closed, 400);
        }

        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => Connect().SendAsync(HttpMethod.POST, "some/_search", default, default));
        Assert.Equal(6, _server.Requests.Count);
    }

    [Fact]
    public async Task A_caller_who_leaves_is_not_told_that_the_engine_is_away() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Connect().SendAsync(HttpMethod.GET, "", default, new CancellationToken(canceled: true)));

    [Fact]
    public async Task The_flavour_is_asked_once_and_not_at_all_where_it_is_set()
    {
        _server.Answers("""{"version":{"number":"2.19.0","distribution":"opensearch"}}""");
        var connection = Connect();
        Assert.Equal(SearchFlavor.OpenSearch, await connection.FlavorAsync(default));
        Assert.Equal(SearchFlavor.OpenSearch, await connection.FlavorAsync(default));
        Assert.Single(_server.Requests);
        Assert.Equal(SearchFlavor.OpenSearch,
            await Connect(settings: new SearchSettings { Flavor = SearchFlavor.OpenSearch }).FlavorAsync(default));
        Assert.Single(_server.Requests);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9200")]
    [InlineData("http://127.0.0.1:9200/behind/a/proxy")]
    public async Task All_calls_go_below_the_path_of_the_address(string address)
    {
        _server.Answers("{}").Answers("{}");
        var connection = Connect(address);
        await connection.SendAsync(HttpMethod.POST, "_bulk?a=b", default, default);
        await connection.CallAsync((client, token) => client.Cluster.HealthAsync(token), default);
        Assert.Equal([$"POST {new Uri(address).AbsolutePath.TrimEnd('/')}/_bulk?a=b",
            $"GET {new Uri(address).AbsolutePath.TrimEnd('/')}/_cluster/health"], _server.Requests.Select(sent => sent.Line));
    }

    [Fact]
    public async Task What_does_not_say_its_version_is_no_engine()
    {
        _server.Answers("{}");
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await Connect().FlavorAsync(default));
    }

    [Theory]
    [InlineData("engine:9200")]
    [InlineData("http://one:9200, two")]
    public void An_address_that_is_none_is_refused(string address) =>
        Assert.Throws<InvalidOperationException>(() => Connect(address));

    [Fact]
    public async Task A_certificate_that_nobody_signed_is_trusted_by_its_fingerprint_alone()
    {
        using var key = RSA.Create();
        var now = TimeProvider.System.GetUtcNow();
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        await using var server = builder.Build();
        server.Run(context => context.Response.WriteAsJsonAsync(new { }));
        await server.StartAsync();
        var address = server.Urls.Single();

        Assert.Equal(200, await StatusAsync(certificate.GetCertHashString(HashAlgorithmName.SHA256)));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => StatusAsync(new string('0', 64)));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => StatusAsync(null));

        async Task<int> StatusAsync(string? fingerprint)
        {
            var settings = ElasticsearchAddress.Parse(address, new SearchSettings { CertificateFingerprint = fingerprint });
            var connection = new ElasticsearchConnection(new ElasticsearchClient(settings), null);
            return (await connection.SendAsync(HttpMethod.GET, "", default, default)).Status;
        }
    }

    private ElasticsearchConnection Connect(string address = "http://127.0.0.1:9200", SearchSettings? settings = null) =>
        new(new ElasticsearchClient(ElasticsearchAddress.Parse(address, settings ?? new SearchSettings(), _server)), settings?.Flavor);
}
