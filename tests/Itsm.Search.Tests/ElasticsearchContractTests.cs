using Elastic.Clients.Elasticsearch;
using Itsm.Platform.Documents;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Search.Engines.Elasticsearch;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using HttpMethod = Elastic.Transport.HttpMethod;

namespace Itsm.Search.Tests;

/// <summary>A real Elasticsearch, where <c>ITSM_TEST_ELASTICSEARCH</c> names one or a container engine starts one.</summary>
[Testing.OuterTier]
public sealed class ElasticsearchContractTests() : RealEngineContract(Testing.Engines.ElasticsearchAsync);

/// <summary>A real OpenSearch, where <c>ITSM_TEST_OPENSEARCH</c> names one or a container engine starts one.</summary>
[Testing.OuterTier]
public sealed class OpenSearchContractTests() : RealEngineContract(Testing.Engines.OpenSearchAsync);

/// <summary>The contract on an engine of its own process, with indices that are gone afterwards.</summary>
public abstract class RealEngineContract(Func<Task<string>> find) : EngineContract
{
    private readonly Testing.SearchEngine _server = new(find);
    private string _address = "";

    public override async ValueTask InitializeAsync()
    {
        _address = await _server.FindAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await _server.CleanAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Fields_are_those_of_the_template_which_can_be_written_again_with_other_settings()
    {
        var connection = Connect();
        var index = $"{_server.Prefix}-search-v{SearchDocument.Format}-";
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => connection.SendAsync(HttpMethod.PUT, $"{index}000001/_doc/1", """{"colour":"red"}"""u8.ToArray(), default));

        var slower = Open(new SearchSettings { Refresh = TimeSpan.FromMilliseconds(700) });
        await slower.CreateAsync(1, default);
        await slower.CreateAsync(2, default);
        Assert.Equal("250ms", await RefreshOfAsync("000001"));
        Assert.Equal("700ms", await RefreshOfAsync("000002"));

        async Task<string?> RefreshOfAsync(string generation)
        {
            using var answer = (await connection.SendAsync(HttpMethod.GET, $"{index}{generation}/_settings", default, default)).Body!;
            return answer.RootElement.GetProperty(index + generation).GetProperty("settings").GetProperty("index")
                .GetProperty("refresh_interval").GetString();
        }
    }

    [Fact]
    public async Task A_disk_that_is_full_is_noticed_and_what_was_to_be_written_meanwhile_is_written_afterwards()
    {
        var (connection, engine, id) = (Connect(), Open(), Guid.Parse("0198c0de-0000-7000-8000-000000000001"));
        var settings = IndexOf(SearchDocument.Format) + "/_settings";
        Assert.Null(await engine.ComplaintAsync(default));
        await connection.SendAsync(HttpMethod.PUT, settings, """{"index.blocks.read_only_allow_delete":true}"""u8.ToArray(), default);
        Assert.Contains("index.blocks.read_only_allow_delete", await engine.ComplaintAsync(default), StringComparison.Ordinal);

        var written = engine.ApplyAsync(1, [new(id, _ => new SearchDocument { Id = id, Kind = "incident", Version = 1 })], default);
        Assert.Empty(await engine.FindAsync(1, [id], default));
        await connection.SendAsync(HttpMethod.PUT, settings, """{"index.blocks.read_only_allow_delete":null}"""u8.ToArray(), default);
        Assert.Equal(1, await written);
        Assert.Null(await engine.ComplaintAsync(default));
    }

    [Fact]
    public async Task A_cluster_without_room_for_copies_takes_writes_finds_and_is_not_complained_of()
    {
        // One more than the nodes of a testbed.
        var (connection, index) = (Connect(), IndexOf(SearchDocument.Format));
        await connection.SendAsync(HttpMethod.PUT, $"{index}/_settings",
            """{"index.auto_expand_replicas":false,"index.number_of_replicas":1}"""u8.ToArray(), default);
        using (var health = (await connection.SendAsync(HttpMethod.GET, $"_cluster/health/{index}", default, default)).Body!)
        {
            Assert.Equal("yellow", health.RootElement.GetProperty("status").GetString());
        }

        var made = await AddAsync("A printer without a copy");
        Assert.Equal([made], await FindAsync("printer"));
        Assert.Equal([made], (await Open().FindAsync(1, [made], default)).Keys);
        Assert.Null(await Open().ComplaintAsync(default));
    }

    [Fact]
    public async Task Connections_that_break_amid_writes_lose_and_double_nothing_that_is_written_until_it_succeeds()
    {
        const int Writers = 4;
        const int Batches = 40;
        await using var proxy = Testing.Proxy.Before(new Uri(_address).Host, new Uri(_address).Port);
        proxy.Open();
        var engine = Open(Settings, $"http://127.0.0.1:{proxy.Port}");
        List<Guid> ids = [.. Enumerable.Range(1, 5).Select(number => new Guid(number, 0, 0, new byte[8]))];
        var done = 0;
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var batch = 0; batch < Batches; batch++)
            {
                var comment = new SearchComment(new Guid(writer, (short)batch, 0, new byte[8]), 1, "word");
                await UntilWrittenAsync([.. ids.Select(id => new DocumentChange(id, known => known?.VersionOf(comment.Id) > 0 ? null
                    : (known ?? new() { Id = id, Kind = "incident" }) with { Comments = [.. known?.Comments ?? [], comment] }))]);
                Interlocked.Increment(ref done);
            }
        })).ToList();
        for (var turn = 1; turn <= 5; turn++)
        {
            await Testing.RunningSuite.UntilAsync(
                () => Task.FromResult(Volatile.Read(ref done)), count => count >= turn * Writers * Batches / 6, "Some work");
            proxy.Close();
            proxy.Open();
        }

        await Task.WhenAll(writers);
        Assert.All((await engine.FindAsync(1, ids, default)).Values, document =>
            Assert.Equal(Writers * Batches, document.Comments.Select(comment => comment.Id).Distinct().Count()));
        Assert.All((await engine.FindAsync(1, ids, default)).Values, document =>
            Assert.Equal(Writers * Batches, document.Comments.Count));

        async Task UntilWrittenAsync(DocumentChange[] changes)
        {
            while (true)
            {
                try
                {
                    await engine.ApplyAsync(1, changes, default);
                    return;
                }
                catch (StoreUnavailableException)
                {
                    // Delivered again, as by the bus.
                }
            }
        }
    }

    private protected override ISearchEngine Open() => Open(Settings);

    protected override Task MakeOtherFormatAsync(int format) =>
        Connect().SendAsync(HttpMethod.PUT, IndexOf(format), """{"settings":{"number_of_replicas":0}}"""u8.ToArray(), default);

    protected override async Task<bool> HasOtherFormatAsync(int format) =>
        (await Connect().SendAsync(HttpMethod.GET, IndexOf(format), default, default)).Status == 200;

    private string IndexOf(int format) => $"{_server.Prefix}-search-v{format}-000001";

    private ElasticsearchEngine Open(SearchSettings settings, string? address = null) => new(
        Connect(address), _server.Prefix, Known, Options.Create(settings), TimeProvider.System,
        NullLogger<ElasticsearchEngine>.Instance);

    private ElasticsearchConnection Connect(string? address = null) =>
        new(new ElasticsearchClient(ElasticsearchAddress.Parse(address ?? _address, Settings)), null);
}
