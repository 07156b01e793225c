using System.Text;
using System.Text.Json.Nodes;
using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Replicas;
using Itsm.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Itsm.Platform.Tests.Http;

/// <summary>Exports as the files that they are sent as.</summary>
public sealed class ExportTests : IAsyncLifetime
{
    private static readonly ListDefinition Definition = new() { Filters = [], Sorts = ["key"], DefaultSort = "key" };
    private readonly Shop _shop = new();
    private ServiceProvider _services = null!;

    public ValueTask InitializeAsync()
    {
        _services = new ServiceCollection().AddSingleton<TimeProvider>(_shop.Clock).AddSingleton(new People(
            Replica<PersonChanged>(People.PersonIndexes), Replica<GroupChanged>(People.GroupIndexes),
            Replica<RoleChanged>(People.RoleIndexes), new PermissionList(), Caches.OfOneNode(), _shop.Broker, TimeProvider.System))
            .BuildServiceProvider();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _shop.DisposeAsync();
    }

    [Fact]
    public async Task Values_keep_their_types_and_text_is_never_a_formula()
    {
        var lamp = Lamp.Create("one", "=1+1", 7);
        lamp.Tag("a", "b; c");
        lamp.Remind(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
        await _shop.AddAsync(lamp);
        await _shop.AddAsync(Lamp.Create("two", "a\u0001b \uFFFF <&>\" \r\nü€😀"));
        string[] columns = ["id", "version", "key", "colour", "watts", "state", "tags", "remindAt"];

        var csv = CsvTable.Parse(Encoding.UTF8.GetString((await ExportAsync("format=csv")).Body));
        Assert.Equal(columns, csv.Columns.Intersect(columns));
        Assert.Equal(["'=1+1", "7", "", "a; b; c", "2026-01-31T12:00:00Z"],
            columns[3..].Select(column => csv.Rows[0].Values[csv.Columns.ToList().IndexOf(column)]));
        Assert.Equal("a\u0001b \uFFFF <&>\" \r\nü€😀", csv.Rows[1].Values[csv.Columns.ToList().IndexOf("colour")]);

        var sheet = Workbook.Read((await ExportAsync("format=xlsx&fields=key,colour,watts,state,tags,remindAt")).Body);
        Assert.Equal(["id", "key", "colour", "watts", "state", "tags", "remindAt"], sheet[0].Select(cell => cell.Value));
        Assert.Equal([("text", lamp.Id.ToString()), ("text", "one"), ("text", "=1+1"), ("number", "7"), ("", ""), ("text", "a; b; c"),
            ("date", "46053.5")], sheet[1]);
        Assert.EndsWith("<&>\" \r\nü€😀".ReplaceLineEndings("\n"), sheet[2][2].Value.ReplaceLineEndings("\n"), StringComparison.Ordinal);

        await _shop.AddAsync(Lamp.Create("three", new string('x', 40_000)));
        Assert.Equal(32_767, Workbook.Read((await ExportAsync("format=xlsx&fields=colour")).Body)[2][1].Value.Length);
    }

    [Theory]
    [InlineData("ndjson", 0), InlineData("csv", 1), InlineData("xlsx", 1)]
    public async Task Ten_thousand_records_go_out_a_page_at_a_time(string format, int heads)
    {
        const int Count = 10_000;
        foreach (var numbers in Enumerable.Range(0, Count).Chunk(500))
        {
            await Task.WhenAll(numbers.Select(number => _shop.AddAsync(Lamp.Create($"lamp{number:00000}", $"colour {number * 7919}"))));
        }

        var (body, largest, response) = await ExportAsync($"format={format}");
        Assert.Equal($"attachment; filename=\"lamps-{_shop.Clock.GetUtcNow():yyyy-MM-dd}.{format}\"",
            response.Headers.ContentDisposition.ToString());
        var rows = format == "xlsx" ? Workbook.Read(body).Count : Encoding.UTF8.GetString(body).Count(one => one == '\n');
        Assert.Equal(Count + heads, rows);
        Assert.InRange(largest, 1, 200_000);
    }

    [Fact]
    public async Task An_empty_list_is_a_file_with_a_header_alone()
    {
        Assert.Empty((await ExportAsync("")).Body);
        Assert.Equal("\uFEFFid,key\r\n", Encoding.UTF8.GetString((await ExportAsync("format=csv&fields=key")).Body));
        Assert.Single(Workbook.Read((await ExportAsync("format=xlsx&fields=key")).Body));
    }

    [Fact]
    public async Task What_a_caller_does_not_get_of_a_record_is_left_out()
    {
        var (open, closed) = (await _shop.AddAsync(Lamp.Create("one", "red")), await _shop.AddAsync(Lamp.Create("two", "blue")));
        var some = new Some(_shop.Lamps, id => id == open.Id ? null : new HashSet<string> { "key" });
        var csv = Encoding.UTF8.GetString((await ExportAsync("format=csv&fields=key,colour", some)).Body);
        Assert.Equal($"\uFEFFid,key,colour\r\n{open.Id},one,red\r\n{closed.Id},two,\r\n", csv);
        Assert.Equal(["text", "text", ""],
            Workbook.Read((await ExportAsync("format=xlsx&fields=key,colour", some)).Body)[2].Select(cell => cell.Type));
        var lines = Encoding.UTF8.GetString((await ExportAsync("fields=key,colour", some)).Body).TrimEnd().Split('\n');
        Assert.Equal([3, 2], lines.Select(line => JsonNode.Parse(line)!.AsObject().Count));
    }

    [Fact]
    public void More_than_a_sheet_holds_is_refused_before_anything_is_sent()
    {
        var xlsx = ExportFormat.All.Single(format => format.Name == "xlsx");
        xlsx.RequireFits(xlsx.MostRecords!.Value, xlsx.MostRecords.Value);
        var refused = Assert.Throws<HttpProblemException>(() => xlsx.RequireFits(1_048_576, xlsx.MostRecords.Value)).Problem;
        Assert.Equal((400, "?format"), (refused.Status, refused.Errors!.Single().Pointer));
        Assert.Contains("format=csv", refused.Detail.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "ndjson"), InlineData("*/*", "ndjson"), InlineData("application/json", "ndjson"), InlineData("nonsense", "ndjson")]
    [InlineData("text/csv", "csv"), InlineData("TEXT/CSV; charset=utf-8", "csv"), InlineData("text/html, text/csv;q=0.1", "csv")]
    [InlineData("text/csv;q=0.5, application/x-ndjson", "ndjson"), InlineData("text/csv;q=0", "ndjson")]
    [InlineData("text/csv;q=0.5, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;q=0.6, */*;q=0.1", "xlsx")]
    public async Task Accept_chooses_where_the_request_names_no_format(string accept, string expected)
    {
        var media = ExportFormat.All.Single(format => format.Name == expected).MediaType;
        Assert.StartsWith(media, (await ExportAsync("", accept: accept)).Response.ContentType, StringComparison.Ordinal);
        Assert.StartsWith("text/csv", (await ExportAsync("format=csv", accept: accept)).Response.ContentType, StringComparison.Ordinal);
    }

    private async Task<(byte[] Body, int Largest, HttpResponse Response)> ExportAsync(
        string query, IRecords<Lamp>? store = null, string accept = "")
    {
        var body = new Chunks();
        var context = new DefaultHttpContext { RequestServices = _services };
        (context.Request.Path, context.Request.QueryString, context.Response.Body) = (
            "/api/v1/lamps/export", new QueryString("?" + query), body);
        context.Request.Headers.Accept = accept;
        context.Features.Set(new Caller(DerivedId.From("ada"), "ada", "Ada", new HashSet<string> { ReaderToken.Everyone },
            new HashSet<string>(), new HashSet<Guid>()));
        var list = await ListQuery.BindAsync(context, null!);
        await list!.ExportAsync(store ?? _shop.Lamps, Definition, default);
        await context.Response.BodyWriter.FlushAsync();
        return (body.ToArray(), body.Largest, context.Response);
    }

    private Replica<T> Replica<T>(IndexDefinition[] indexes)
        where T : class, Contracts.IEntityChanged =>
        new(_shop.Database, "tests", _shop.Broker, Caches.OfOneNode(), _shop.Clock, NullLogger<Replica<T>>.Instance, indexes);

    /// <summary>Of what some see in part only.</summary>
    private sealed class Some(AggregateStore<Lamp> lamps, Func<Guid, IReadOnlySet<string>?> shown) : IRecords<Lamp>
    {
        public IDocumentCollection Documents => lamps.Documents;

        public RecordDefinition Definition { get; } = new AggregateDefinition<Lamp>("lamps", "key") { Shown = (_, id) => shown(id) };

        AnnexWriter? IRecords<Lamp>.AnnexWriter => null;
    }

    private sealed class Chunks : MemoryStream
    {
        public int Largest { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Largest = Math.Max(Largest, buffer.Length);
            base.Write(buffer);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
