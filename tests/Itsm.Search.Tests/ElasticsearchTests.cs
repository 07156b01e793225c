using System.Net;
using System.Text.Json.Nodes;
using Elastic.Clients.Elasticsearch;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Documents;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Search.Engines.Elasticsearch;
using Itsm.Search.Queries;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SearchRequest = Itsm.Search.Queries.SearchRequest;

namespace Itsm.Search.Tests;

/// <summary>Every request that the adapter makes, and every documented answer that it must understand; what an engine makes of them is
/// <see cref="ElasticsearchContractTests"/>' to say.</summary>
public sealed class ElasticsearchTests : IDisposable
{
    private static readonly Guid Id = Guid.Parse("0198c0de-0000-7000-8000-000000000001");
    private static readonly Guid Other = Guid.Parse("0198c0de-0000-7000-8000-000000000002");
    private readonly SearchWords _words = new(Options.Create(new SearchSettings { Synonyms = { "laptop,notebook" } }));
    private readonly EngineScript _server = new();
    private readonly ElasticsearchEngine _engine;

    public ElasticsearchTests() => _engine = Open(new SearchSettings { Flavor = SearchFlavor.Elasticsearch });

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task A_generation_is_an_index_by_the_template_with_an_alias_for_writing()
    {
        _server.Answers("""{"acknowledged":true}""").Answers("""{"acknowledged":true}""");
        await _engine.CreateAsync(3, default);

        var (template, index) = (_server.Requests[0], _server.Requests[1]);
        Assert.Equal("PUT /_index_template/itsm-search-v7", template.Line);
        Assert.Equal(["itsm-search-v7-0*"], template.Json["index_patterns"]!.AsArray().Select(pattern => pattern!.GetValue<string>()));
        var mappings = template.Json["template"]!["mappings"]!;
        Assert.Equal("strict", mappings["dynamic"]!.GetValue<string>());
        Assert.Equal("""{"type":"text","analyzer":"itsm_stems","copy_to":["names","words"]}""",
            mappings["properties"]!["title"]!.ToJsonString());
        Assert.Equal("""{"type":"keyword","normalizer":"itsm_lowercase","copy_to":["names","words"]}""",
            mappings["properties"]!["number"]!.ToJsonString());
        Assert.Equal("noteWords", mappings["properties"]!["notes"]!["properties"]!["text"]!["copy_to"]![0]!.GetValue<string>());
        var analysis = template.Json["template"]!["settings"]!["analysis"]!;
        Assert.Equal(["itsm_possessive", "asciifolding", "lowercase", "itsm_synonyms", "itsm_stop", "itsm_porter"],
            analysis["analyzer"]!["itsm_stems"]!["filter"]!.AsArray().Select(filter => filter!.GetValue<string>()));
        Assert.Equal("laptop, notebook", analysis["filter"]!["itsm_synonyms"]!["synonyms"]![0]!.GetValue<string>());
        Assert.Contains("the", analysis["filter"]!["itsm_stop"]!["stopwords"]!.AsArray().Select(word => word!.GetValue<string>()));
        Assert.Equal("PUT /itsm-search-v7-000003", index.Line);
        Assert.Equal("""{"aliases":{"itsm-search-v7-writes-000003":{}}}""", index.Body);
    }

    [Fact]
    public void Every_field_of_a_document_is_in_the_strict_mapping()
    {
        var document = JsonNode.Parse(Full.ToJson())!.AsObject();
        var properties = JsonNode.Parse(ElasticsearchSchema.Template("itsm-search-v7-", _words, new SearchSettings(), true, true))![
            "template"]!["mappings"]!["properties"]!.AsObject();
        Assert.Empty(document.Select(field => field.Key).Except(properties.Select(property => property.Key)));
        var german = JsonNode.Parse((Full with { Language = "de", Title = "Druckertreiber" }).ToJson())!["de"]!.AsObject();
        Assert.Equal("drucker treiber", german["parts"]!.GetValue<string>());
        Assert.Equal(german.Select(field => field.Key).Order(),
            properties["de"]!["properties"]!.AsObject().Select(property => property.Key).Order());
        foreach (var part in new[] { "comments", "notes" })
        {
            Assert.Empty(document[part]![0]!.AsObject().Select(field => field.Key)
                .Except(properties[part]!["properties"]!.AsObject().Select(property => property.Key)));
        }
    }

    [Fact]
    public async Task Vectors_are_kept_where_the_engine_would_leave_them_out_and_not_indexed_where_it_does_not_find_by_them()
    {
        _server.Answers("""{"error":{"type":"illegal_argument_exception"},"status":400}""", 400).Answers("{}").Answers("{}");
        await _engine.CreateAsync(1, default);
        Assert.Equal([false, null], _server.Requests.Take(2).Select(sent =>
            (bool?)sent.Json["template"]!["settings"]!["index.mapping.exclude_source_vectors"]));

        _server.Answers("{}").Answers("{}");
        await Open(new SearchSettings { Flavor = SearchFlavor.OpenSearch }).CreateAsync(1, default);
        Assert.Equal("keyword", (string?)_server.Requests[^2].Json["template"]!["mappings"]!["properties"]!["meaning"]!["properties"]![
            "vector"]!["type"]);
        Assert.Empty((await Open(new SearchSettings { Flavor = SearchFlavor.OpenSearch }).SearchAsync(
            new SearchRequest { Near = Meaning.Of("m", new float[Meaning.Dimensions]), Tokens = ["everyone"], Limit = 5 }, default)).Hits);
        Assert.Equal(5, _server.Requests.Count);
    }

    [Fact]
    public async Task An_index_that_is_there_is_left_and_any_other_refusal_is_told()
    {
        _server.Answers("{}").Answers("""{"error":{"type":"resource_already_exists_exception"},"status":400}""", 400);
        await _engine.CreateAsync(1, default);
        _server.Answers("{}").Answers("""{"error":{"type":"invalid_index_name_exception"},"status":400}""", 400);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _engine.CreateAsync(1, default));
    }

    [Fact]
    public async Task The_alias_moves_from_one_generation_to_another_in_one_request()
    {
        _server.Answers("""{"error":"alias [itsm-search-v7] missing","status":404}""", 404).Answers("{}");
        await _engine.ServeAsync(1, default);
        Assert.Equal("""{"actions":[{"add":{"alias":"itsm-search-v7","index":"itsm-search-v7-000001"}}]}""", _server.Requests[1].Body);

        _server.Answers("""{"itsm-search-v7-000001":{"aliases":{"itsm-search-v7":{}}}}""").Answers("{}");
        await _engine.ServeAsync(2, default);
        Assert.Equal("POST /_aliases", _server.Requests[3].Line);
        Assert.Equal(
            """{"actions":[{"remove":{"alias":"itsm-search-v7","index":"itsm-search-v7-000001"}},{"add":{"alias":"itsm-search-v7","index":"itsm-search-v7-000002"}}]}""",
            _server.Requests[3].Body);
    }

    [Fact]
    public async Task Generations_and_the_one_that_serves_are_read_from_aliases()
    {
        _server.Answers("""{"itsm-search-v7-000004":{"aliases":{}},"itsm-search-v7-000002":{"aliases":{"itsm-search-v7":{}}}}""");
        Assert.Equal([2, 4], await _engine.GenerationsAsync(default));
        Assert.Equal("GET /itsm-search-v7-0%2A/_alias", _server.Requests[0].Line);
        _server.Answers("""{"itsm-search-v7-000002":{"aliases":{"itsm-search-v7":{}}}}""");
        Assert.Equal(2, await _engine.ServingAsync(default));
        Assert.Equal("GET /_alias/itsm-search-v7", _server.Requests[1].Line);
        _server.Answers("{}", 404);
        Assert.Null(await _engine.ServingAsync(default));
        _server.Answers("{}", 404);
        await _engine.DropAsync(9, default);
        Assert.Equal("DELETE /itsm-search-v7-000009", _server.Requests[3].Line);
    }

    [Fact]
    public async Task Changes_are_applied_to_what_is_read_and_written_only_if_it_is_still_so()
    {
        _server.Answers(
            $$"""{"docs":[{"_id":"{{Id}}","found":true,"_seq_no":7,"_primary_term":2,"_source":{{Json(Ticket(Id, "old"))}}},{"_id":"{{Other}}","found":false}]}""")
            .Answers("""{"errors":false,"items":[{"index":{"status":200}},{"create":{"status":201}}]}""");

        Assert.Equal(2,
            await _engine.ApplyAsync(1,
                [new(Id, known => known! with { Title = known.Title + "er" }),
                    new(Other, known => known is null ? Ticket(Other, "new") : null)], default));

        Assert.Equal("POST /itsm-search-v7-writes-000001/_mget", _server.Requests[0].Line);
        Assert.Equal($$"""{"ids":["{{Id}}","{{Other}}"]}""", _server.Requests[0].Body);
        Assert.Equal("POST /_bulk?require_alias=true", _server.Requests[1].Line);
        Assert.Equal("application/json", _server.Requests[1].Type);
        Assert.Equal(
            [
                $$$"""{"index":{"_index":"itsm-search-v7-writes-000001","_id":"{{{Id}}}","if_seq_no":7,"if_primary_term":2}}""",
                Json(Ticket(Id, "older")),
                $$$"""{"create":{"_index":"itsm-search-v7-writes-000001","_id":"{{{Other}}}"}}""", Json(Ticket(Other, "new")), "",
            ],
            _server.Requests[1].Body.Split('\n'));
    }

    [Fact]
    public async Task Nothing_is_written_where_nothing_changes_and_what_another_changed_is_read_again()
    {
        var found = $$"""{"docs":[{"_id":"{{Id}}","found":true,"_seq_no":7,"_primary_term":2,"_source":{{Json(Ticket(Id, "old"))}}}]}""";
        _server.Answers(found);
        Assert.Equal(0, await _engine.ApplyAsync(1, [new(Id, _ => null)], default));
        Assert.Single(_server.Requests);

        _server.Answers(found)
            .Answers("""{"errors":true,"items":[{"index":{"status":409,"error":{"type":"version_conflict_engine_exception"}}}]}""")
            .Answers(found.Replace("\"_seq_no\":7", "\"_seq_no\":9")).Answers("""{"errors":false,"items":[{"index":{"status":200}}]}""");
        Assert.Equal(1, await _engine.ApplyAsync(1, [new(Id, known => known! with { Title = "newer" })], default));
        Assert.Contains("\"if_seq_no\":9", _server.Requests[^1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_for_want_of_room_is_written_again_and_the_rest_once()
    {
        _server.Answers($$"""{"docs":[{"_id":"{{Id}}","found":false},{"_id":"{{Other}}","found":false}]}""")
            .Answers("""{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":429,"error":{"type":"es_rejected_execution_exception"}}}]}""")
            .Answers($$"""{"docs":[{"_id":"{{Other}}","found":false}]}""").Answers("""{"errors":false,"items":[{"create":{"status":201}}]}""");

        Assert.Equal(2, await _engine.ApplyAsync(1, [new(Id, _ => Ticket(Id, "one")), new(Other, _ => Ticket(Other, "two"))], default));
        Assert.Equal($$"""{"ids":["{{Other}}"]}""", _server.Requests[2].Body);
        Assert.Single(_server.Requests[3].Body.Split('\n'), line => line.Contains("\"create\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bulk_request_that_is_refused_whole_is_sent_again_and_one_that_is_too_large_in_halves()
    {
        var known = $$"""{"docs":[{"_id":"{{Id}}","found":false},{"_id":"{{Other}}","found":false}]}""";
        DocumentChange[] changes = [new(Id, _ => Ticket(Id, "one")), new(Other, _ => Ticket(Other, "two"))];
        const string One = """{"errors":false,"items":[{"create":{"status":201}}]}""";
        const string Two = """{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]}""";
        _server.Answers(known).Answers("""{"error":{"type":"circuit_breaking_exception"},"status":429}""", 429).Answers(known).Answers(Two);
        Assert.Equal(2, await _engine.ApplyAsync(1, changes, default));

        _server.Answers(known).Answers("<html>too large</html>", 413).Answers(One).Answers(One);
        Assert.Equal(2, await _engine.ApplyAsync(1, changes, default));

        _server.Answers(known).Answers("<html>too large</html>", 413).Answers("<html>too large</html>", 413);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _engine.ApplyAsync(1, changes, default));
        Assert.StartsWith($"incident {Id} is too large", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Much_is_written_in_several_requests()
    {
        var text = new string('x', 3 << 20);
        _server.Answers("""{"docs":[]}""").Answers("""{"items":[{"create":{"status":201}},{"create":{"status":201}}]}""")
            .Answers("""{"items":[{"create":{"status":201}}]}""");
        Assert.Equal(3, await _engine.ApplyAsync(1,
            [.. Enumerable.Range(1, 3).Select(number => new Guid(number, 0, 0, new byte[8]))
                .Select(id => new DocumentChange(id, _ => Ticket(id, text)))], default));
        Assert.Equal(3, _server.Requests.Count);
    }

    [Theory]
    [InlineData(403, typeof(StoreUnavailableException))]
    [InlineData(500, typeof(StoreUnavailableException))]
    [InlineData(404, typeof(GenerationMissingException))]
    [InlineData(400, typeof(InvalidOperationException))]
    public async Task What_an_item_of_a_bulk_request_is_refused_for_is_understood(int status, Type expected)
    {
        _server.Answers($$$"""{"docs":[{"_id":"{{{Id}}}","found":false}]}""")
            .Answers("""{"errors":true,"items":[{"create":{"status":999,"error":{"type":"x","reason":"y"}}}]}""".Replace("999",
                status.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        await Assert.ThrowsAsync(expected, () => _engine.ApplyAsync(1, [new(Id, _ => Ticket(Id, "new"))], default));
    }

    [Theory]
    [InlineData("""{"docs":[{"_id":"x","error":{"type":"index_not_found_exception"}}]}""", 200)]
    [InlineData("""{"error":{"type":"index_not_found_exception"},"status":404}""", 404)]
    public async Task A_generation_that_is_gone_is_told(string answer, int status)
    {
        _server.Answers(answer, status);
        await Assert.ThrowsAsync<GenerationMissingException>(() => _engine.FindAsync(1, [Id], default));
    }

    [Fact]
    public async Task A_search_asks_with_readers_facets_and_order_inside()
    {
        _server.Answers($$$$"""
            {"timed_out":false,"_shards":{"failed":0},"hits":{"total":{"value":12,"relation":"eq"},"hits":[{"_id":"{{{{Id}}}}","_score":1.5,"_source":{{{{Json(Full)}}}},"sort":[1.5,"{{{{Id}}}}"]}]},
             "aggregations":{"state":{"buckets":[{"key":"new","doc_count":9},{"key":"none","doc_count":3}]},"priority":{"buckets":[{"key":0,"doc_count":5},{"key":3,"doc_count":7}]}}}
            """);
        var found = await _engine.SearchAsync(new SearchRequest
        {
            Query = QueryParser.Parse("printer", out _), Tokens = ["everyone"], Limit = 5, Facets = ["state", "priority"],
        }, default);

        Assert.Equal("POST /itsm-search-v7/_search", _server.Requests[0].Line);
        Assert.Equal(JsonNode.Parse("""
            {"size":5,"timeout":"5s","track_total_hits":true,"track_scores":true,
             "query":{"bool":{"must":{"dis_max":{"tie_breaker":0.1,"queries":[
                {"match_phrase":{"title":{"query":"printer","boost":3}}},{"match_phrase":{"description":{"query":"printer","boost":1}}},{"match_phrase":{"resolution":{"query":"printer","boost":1}}},
                {"match_phrase":{"comments.text":{"query":"printer","boost":1}}},
                {"bool":{"must":{"match_phrase":{"notes.text":{"query":"printer","boost":1}}},"filter":{"terms":{"noteReaders":["everyone"]}}}},
                {"match_phrase":{"de.title":{"query":"printer","boost":3}}},{"match_phrase":{"de.description":{"query":"printer","boost":1}}},{"match_phrase":{"de.resolution":{"query":"printer","boost":1}}},
                {"match_phrase":{"de.comments.text":{"query":"printer","boost":1}}},
                {"bool":{"must":{"match_phrase":{"de.notes.text":{"query":"printer","boost":1}}},"filter":{"terms":{"noteReaders":["everyone"]}}}},
                {"match_phrase":{"de.parts":{"query":"printer","boost":1}}},
                {"term":{"number":{"value":"printer","boost":10}}},{"match_phrase":{"names":{"query":"printer","boost":1}}}]}},
              "filter":{"terms":{"readers":["everyone"]}}}},
             "sort":[{"_score":{"order":"desc"}},{"id":{"order":"asc"}}],
             "aggs":{"state":{"terms":{"field":"state","size":10000,"missing":"none"}},"priority":{"terms":{"field":"priority","size":10000,"missing":0}}}}
            """)!.ToJsonString(), _server.Requests[0].Json.ToJsonString());
        Assert.Equal(12, found.Total);
        Assert.Equal((Full.Title, 1.5, Full.Notes[0].Text),
            (found.Hits[0].Document.Title, found.Hits[0].Score, found.Hits[0].Document.Notes[0].Text));
        Assert.Equal(3, found.Facets["state"]["none"]);
        Assert.Equal(new Dictionary<string, long> { ["none"] = 5, ["3"] = 7 }, found.Facets["priority"]);
    }

    [Theory]
    [InlineData("prin*",
        """{"bool":{"should":[{"match_bool_prefix":{"words":{"query":"prin","operator":"and","analyzer":"itsm_plain"}}},{"bool":{"must":{"match_bool_prefix":{"noteWords":{"query":"prin","operator":"and","analyzer":"itsm_plain"}}},"filter":{"terms":{"noteReaders":["everyone"]}}}}],"minimum_should_match":1}}""")]
    [InlineData("title:Café~1",
        """{"bool":{"should":[{"match":{"names":{"query":"Café","operator":"and","analyzer":"itsm_plain","fuzziness":1,"prefix_length":1,"max_expansions":50}}}],"minimum_should_match":1}}""")]
    [InlineData("title:\"a b\" -title:c",
        """{"bool":{"must":[{"bool":{"should":[{"match_phrase":{"title":{"query":"a b","boost":1}}},{"match_phrase":{"de.title":{"query":"a b","boost":1}}}],"minimum_should_match":1}}],"must_not":[{"bool":{"should":[{"match_phrase":{"title":{"query":"c","boost":1}}},{"match_phrase":{"de.title":{"query":"c","boost":1}}}],"minimum_should_match":1}}],"should":[]}}""")]
    [InlineData("description:x OR title:the",
        """{"bool":{"should":[{"bool":{"should":[{"match_phrase":{"description":{"query":"x","boost":1}}},{"match_phrase":{"resolution":{"query":"x","boost":1}}},{"match_phrase":{"de.description":{"query":"x","boost":1}}},{"match_phrase":{"de.resolution":{"query":"x","boost":1}}}],"minimum_should_match":1}},{"bool":{"should":[{"match_phrase":{"names":{"query":"the","boost":1}}}],"minimum_should_match":1}}],"minimum_should_match":1}}""")]
    public async Task The_grammar_becomes_queries(string query, string expected)
    {
        _server.Answers(Nothing);
        await _engine.SearchAsync(new SearchRequest { Query = QueryParser.Parse(query, out _), Tokens = ["everyone"], Limit = 5 }, default);
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(),
            _server.Requests[0].Json["query"]!["bool"]!["must"]!.ToJsonString());
    }

    [Fact]
    public async Task Values_ranges_likeness_and_order_by_field_become_queries()
    {
        _server.Answers(Nothing);
        await _engine.SearchAsync(new SearchRequest
        {
            Query = new AllOf([new Values("configurationItem", ["srv-1"]), new Values("assignee", ["none"]), new Within("openedAt", 1, 2),
                new Within("priority", 1, 3), new Values("state", [])]),
            Like = "printer jam", Tokens = ["a", "b"], Limit = 0, Sort = "openedAt", Descending = true,
            After = new SearchPosition(1772452800000L, Id, null),
        }, default);
        var body = _server.Requests[0].Json;
        Assert.Equal(
            """{"bool":{"must":{"bool":{"should":[{"more_like_this":{"fields":["title","description"],"like":"printer jam","min_term_freq":1,"min_doc_freq":1,"max_query_terms":25,"minimum_should_match":"30%"}},{"more_like_this":{"fields":["de.title","de.description"],"like":"printer jam","min_term_freq":1,"min_doc_freq":1,"max_query_terms":25,"minimum_should_match":"2"}}],"minimum_should_match":1}},"filter":{"bool":{"must":[{"terms":{"configurationItems":["srv-1"]}},{"bool":{"should":[{"terms":{"assignee":[]}},{"bool":{"must_not":{"exists":{"field":"assignee"}}}}],"minimum_should_match":1}},{"range":{"openedAt":{"gte":1,"lte":2,"format":"epoch_millis"}}},{"range":{"priority":{"gte":1,"lte":3}}},{"terms":{"state":[]}}],"must_not":[],"should":[]}}}}""",
            body["query"]!["bool"]!["must"]!.ToJsonString());
        Assert.Equal("""[{"openedAt":{"order":"desc","missing":"_last"}},{"id":{"order":"asc"}}]""", body["sort"]!.ToJsonString());
        Assert.Equal($$"""[1772452800000,"{{Id}}"]""", body["search_after"]!.ToJsonString());
        Assert.Equal("""{"terms":{"readers":["a","b"]}}""", body["query"]!["bool"]!["filter"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"version":{"number":"9.1.0"}}""", "POST /itsm-search-v7/_pit?keep_alive=2m", """{"id":"view1"}""")]
    [InlineData("""{"version":{"number":"2.19.0","distribution":"opensearch"}}""",
        "POST /itsm-search-v7/_search/point_in_time?keep_alive=2m", """{"pit_id":"view1"}""")]
    public async Task Later_pages_by_relevance_come_from_a_point_in_time_and_go_on_without_it_when_it_has_expired(
        string root, string opened, string view)
    {
        var request = new SearchRequest
        {
            Query = QueryParser.Parse("printer", out _), Tokens = ["everyone"], Limit = 5, After = new SearchPosition(1.5, Id, null),
        };
        _server.Answers(root).Answers(view).Answers(Nothing.Replace("{\"timed_out\"", "{\"pit_id\":\"view2\",\"timed_out\""));
        var asked = Open(new SearchSettings());
        await asked.SearchAsync(request, default);
        Assert.Equal(["GET /", opened, "POST /_search"], _server.Requests.Select(sent => sent.Line));
        Assert.Equal("""{"id":"view1","keep_alive":"2m"}""", _server.Requests[2].Json["pit"]!.ToJsonString());

        _server.Answers("""{"error":{"type":"search_phase_execution_exception"},"status":404}""", 404).Answers(Nothing);
        await asked.SearchAsync(request with { After = new SearchPosition(1.5, Id, "view2") }, default);
        Assert.Equal(["POST /_search", "POST /itsm-search-v7/_search"], _server.Requests.Skip(3).Select(sent => sent.Line));
        Assert.Null(_server.Requests[^1].Json["pit"]);
    }

    [Fact]
    public async Task Incomplete_answers_and_a_missing_index_are_no_results()
    {
        var request = new SearchRequest { Tokens = ["everyone"], Limit = 5 };
        _server.Answers(Nothing.Replace("\"timed_out\":false", "\"timed_out\":true"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _engine.SearchAsync(request, default));
        _server.Answers(Nothing.Replace("\"failed\":0", "\"failed\":1"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _engine.SearchAsync(request, default));
        const string Gone = """{"error":{"type":"index_not_found_exception"},"status":404}""";
        _server.Answers(Gone, 404).Answers(Nothing);
        Assert.Empty((await _engine.SearchAsync(request, default)).Hits);
        _server.Answers(Gone, 404).Answers(Gone, 404);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _engine.SearchAsync(request, default));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task An_engine_that_refuses_or_fails_is_unavailable(int status)
    {
        _server.Answers("""{"error":{"type":"x"}}""", status);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _engine.CountAsync(1, default));
    }

    [Fact]
    public async Task An_engine_that_is_away_or_talks_nonsense_is_unavailable_and_a_mistake_of_ours_is_ours()
    {
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _engine.CountAsync(1, default));
        _server.Answers("<html>proxy</html>");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _engine.CountAsync(1, default));
        _server.Answers("""{"error":{"type":"parsing_exception"}}""", 400);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _engine.CountAsync(1, default));
    }

    [Fact]
    public async Task Kinds_are_counted_and_what_was_written_is_made_findable()
    {
        _server.Answers("""{"aggregations":{"kind":{"buckets":[{"key":"incident","doc_count":4}]}}}""").Answers("{}");
        Assert.Equal(4, (await _engine.CountAsync(2, default))["incident"]);
        await _engine.RefreshAsync(2, default);
        Assert.Equal(["POST /itsm-search-v7-writes-000002/_search", "POST /itsm-search-v7-writes-000002/_refresh"],
            _server.Requests.Select(sent => sent.Line));
    }

    private const string Nothing = """{"timed_out":false,"_shards":{"failed":0},"hits":{"total":{"value":0},"hits":[]}}""";

    private ElasticsearchEngine Open(SearchSettings settings, string address = "http://127.0.0.1:9200") => new(
        new ElasticsearchConnection(new ElasticsearchClient(ElasticsearchAddress.Parse(address, settings, _server)), settings.Flavor), "itsm",
        _words, Options.Create(settings), TimeProvider.System, NullLogger<ElasticsearchEngine>.Instance);

    private static SearchDocument Full => Ticket(Id, "Full") with
    {
        Description = "d", Resolution = "r", Requester = Id, OpenedBy = Id, AssignmentGroup = Id, Assignee = Id, Category = Id,
        OtherNames = ["o"], Owner = Id, Class = "server", AffectedService = "s", ConfigurationItems = ["c"],
        OpenedAt = DateTimeOffset.UnixEpoch, UpdatedAt = DateTimeOffset.UnixEpoch,
        ResolvedAt = DateTimeOffset.UnixEpoch, ClosedAt = DateTimeOffset.UnixEpoch, NoteReaders = ["role:agent"],
        Comments = [new SearchComment(Id, 1, "public")], Notes = [new SearchComment(Other, 1, "internal")],
    };

    private static SearchDocument Ticket(Guid id, string title) => new()
    {
        Id = id, Kind = "incident", Version = 1, Number = "INC0000001", Title = title, Readers = ["everyone"], State = "new",
        Stage = StateCategory.Open, Priority = 3,
    };

    private static string Json(SearchDocument document) => System.Text.Encoding.UTF8.GetString(document.ToJson());
}
