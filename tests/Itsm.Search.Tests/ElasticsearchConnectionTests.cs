using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elastic.Clients.Elasticsearch;
using Itsm.Platform.Documents;
using Itsm.Search.Engines.Elasticsearch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
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
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nodes_that_nobody_named_are_found_by_sniffing_alone(bool sniffs)
    {
        using var nodes = new Nodes();
        var settings = new SearchSettings { Sniffs = sniffs };
        var address = ElasticsearchAddress.Parse("http://one.example:9200, http://two.example:9200", settings, nodes);
        var connection = new ElasticsearchConnection(new ElasticsearchClient(address), null);

        for (var number = 0; number < 6; number++)
        {
            Assert.Equal(200, (await connection.SendAsync(HttpMethod.GET, "some", default, default)).Status);
        }

        Assert.Equal(sniffs ? ["three.example", "two.example"] : ["two.example"],
            nodes.Asked.Where(asked => asked.Path == "/some").Select(asked => asked.Host).Distinct().Order());
        Assert.Equal(sniffs, nodes.Asked.Any(asked => asked.Path.StartsWith("/_nodes", StringComparison.Ordinal)));
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
        using var folder = new Certificates();
        await using var server = await ServeAsync(folder.Certificate, _ => { }, context => context.Response.WriteAsJsonAsync(new { }));
        var address = server.Urls.Single();

        Assert.Equal(200, await StatusAsync(folder.Fingerprint));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => StatusAsync(new string('0', 64)));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => StatusAsync(null));

        async Task<int> StatusAsync(string? fingerprint)
        {
            var settings = ElasticsearchAddress.Parse(address, new SearchSettings { CertificateFingerprint = fingerprint });
            var connection = new ElasticsearchConnection(new ElasticsearchClient(settings), null);
            return (await connection.SendAsync(HttpMethod.GET, "", default, default)).Status;
        }
    }

    [Theory]
    [InlineData("client.pem", "client.key")]
    [InlineData("both.pem", null)]
    [InlineData("client.pfx", null)]
    [InlineData(null, null)]
    public async Task The_engine_knows_the_service_by_its_certificate(string? path, string? key)
    {
        using var folder = new Certificates();
        await using var server = await ServeAsync(folder.Certificate, https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.AllowAnyClientCertificate();
        }, context => context.Response.WriteAsJsonAsync(new { thumbprint = context.Connection.ClientCertificate!.Thumbprint }));
        var connection = new ElasticsearchConnection(
            new ElasticsearchClient(ElasticsearchAddress.Parse(server.Urls.Single(), folder.Settings(path, key))), null);

        if (path is null)
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => connection.SendAsync(HttpMethod.GET, "", default, default));
            return;
        }

        using var answer = (await connection.SendAsync(HttpMethod.GET, "", default, default)).Body!;
        Assert.Equal(folder.Certificate.Thumbprint, answer.RootElement.GetProperty("thumbprint").GetString());
    }

    [Theory]
    [InlineData("missing.pem", null, "Search:ClientCertificate is ")]
    [InlineData("missing.pem", "client.key", "Search:ClientCertificate is ")]
    [InlineData("client.pem", null, "Search:ClientCertificate is ")]
    [InlineData("client.pem", "missing.key", "Search:ClientCertificate is ")]
    [InlineData("client.pem", "other.key", "Search:ClientCertificate is ")]
    [InlineData("client.key", null, "Search:ClientCertificate is ")]
    [InlineData(null, "client.key", "Search:ClientCertificate is missing")]
    public void A_certificate_that_is_not_there_or_lacks_its_key_is_named(string? path, string? key, string starts)
    {
        using var folder = new Certificates();
        var refused = Assert.Throws<InvalidOperationException>(
            () => ElasticsearchAddress.Parse("https://engine.example:9200", folder.Settings(path, key)));
        Assert.StartsWith(starts, refused.Message, StringComparison.Ordinal);
        Assert.Contains(path ?? "", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> ServeAsync(
        X509Certificate2 certificate, Action<HttpsConnectionAdapterOptions> configure, RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate, configure)));
        var server = builder.Build();
        server.Run(answer);
        await server.StartAsync();
        return server;
    }

    private ElasticsearchConnection Connect(string address = "http://127.0.0.1:9200", SearchSettings? settings = null) =>
        new(new ElasticsearchClient(ElasticsearchAddress.Parse(address, settings ?? new SearchSettings(), _server)), settings?.Flavor);

    /// <summary>A cluster of three, of which the first does not answer; the others know of each other.</summary>
    private sealed class Nodes : HttpMessageHandler
    {
        private const string Known = """
            {"cluster_name":"some","nodes":{
              "two":{"roles":["data","master"],"settings":{},"http":{"publish_address":"two.example/192.0.2.2:9200"}},
              "three":{"roles":["data","master"],"settings":{},"http":{"publish_address":"three.example/192.0.2.3:9200"}}}}
            """;

        public List<(string Host, string Path)> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.Host == "one.example")
            {
                throw new HttpRequestException("Connection refused");
            }

            Asked.Add((request.RequestUri.Host, request.RequestUri.AbsolutePath));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent(request.RequestUri.AbsolutePath.StartsWith("/_nodes", StringComparison.Ordinal) ? Known : "{}",
                    null, "application/json"),
            });
        }
    }

    /// <summary>One that nobody signed, in files of each form.</summary>
    private sealed class Certificates : IDisposable
    {
        private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("itsm-certificates").FullName;

        public Certificates()
        {
            using var key = RSA.Create();
            using var other = RSA.Create();
            var now = TimeProvider.System.GetUtcNow();
            var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            Certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
            var (certificate, secret) = (Certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem());
            File.WriteAllText(PathOf("client.pem"), certificate);
            File.WriteAllText(PathOf("client.key"), secret);
            File.WriteAllText(PathOf("other.key"), other.ExportPkcs8PrivateKeyPem());
            File.WriteAllText(PathOf("both.pem"), certificate + secret);
            File.WriteAllBytes(PathOf("client.pfx"), Certificate.Export(X509ContentType.Pfx));
        }

        public X509Certificate2 Certificate { get; }

        public string Fingerprint => Certificate.GetCertHashString(HashAlgorithmName.SHA256);

        public SearchSettings Settings(string? certificate, string? key) => new()
        {
            CertificateFingerprint = Fingerprint, ClientCertificate = certificate is null ? null : PathOf(certificate),
            ClientCertificateKey = key is null ? null : PathOf(key),
        };

        public void Dispose()
        {
            Certificate.Dispose();
            System.IO.Directory.Delete(_folder, recursive: true);
        }

        private string PathOf(string name) => Path.Combine(_folder, name);
    }
}
