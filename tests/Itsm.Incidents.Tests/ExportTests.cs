using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Platform.Http;
using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Incidents as files that people open in a spreadsheet.</summary>
public sealed class ExportTests(IncidentsSuite suite)
{
    private const string Chosen = "fields=number,title,description,requester,openedAt,assignmentGroup,priority,confidential,watchers";

    [Fact]
    public async Task A_table_has_the_chosen_fields_in_their_order_and_the_names_behind_ids()
    {
        var opened = await suite.OpenAsync(Caller, new
        {
            title = "=HYPERLINK(\"https://evil.example\")", description = "One, \"two\"\nand drei: ß €", category = "network",
        });
        await suite.ActAsync(Agent, $"incidents/{opened.Id}/watch", new { person = Other });
        await suite.ActAsync(Agent, $"incidents/{opened.Id}/watch", new { person = "manager1" });
        var path = $"incidents/export?{Chosen}&expand=requester,assignmentGroup&sort=-openedAt&format=";

        var (csv, body) = await ExportAsync(Agent, path + "csv");
        Assert.Equal("text/csv; charset=utf-8", csv.ContentType!.ToString());
        Assert.Matches("^attachment; filename=\"?incidents-20[0-9]{2}-[0-9]{2}-[0-9]{2}[.]csv\"?$", csv.ContentDisposition!.ToString());
        Assert.True(body.AsSpan().StartsWith(Encoding.UTF8.Preamble));
        var table = CsvTable.Parse(Encoding.UTF8.GetString(body));
        Assert.Equal(["id", "number", "title", "description", "requester", "requester.name", "openedAt", "assignmentGroup",
            "assignmentGroup.name", "priority", "confidential", "watchers"], table.Columns);
        var row = table.Rows.Single(one => one.Values[0] == opened.Id).Values;
        var read = (await suite.GetAsync(Agent, $"incidents/{opened.Id}?{Chosen}")).Ok();
        Assert.Equal(["'" + read.Text("title"), read.Text("description"), read.Text("requester")], row.Skip(2).Take(3));
        Assert.Equal(read.Text("openedAt"), row[6]);
        Assert.Equal([read["priority"]!.ToString(), "false", string.Join("; ", read["watchers"]!.AsArray())], row.Skip(9).Take(3));
        Assert.All([row[5], row[8]], name => Assert.Matches("^[A-Z].*[a-z]$", name));

        var (xlsx, bytes) = await ExportAsync(Agent, path + "xlsx");
        Assert.EndsWith(".xlsx", xlsx.ContentDisposition!.FileName!.Trim('"'), StringComparison.Ordinal);
        var cells = Workbook.Read(bytes).Single(one => one[0].Value == opened.Id);
        Assert.Equal(("text", read.Text("title")), cells[2]);
        Assert.Equal(["date", "number", "bool"], [cells[6].Type, cells[9].Type, cells[10].Type]);
    }

    [Fact]
    public async Task Each_caller_gets_what_they_may_see_in_every_format()
    {
        await suite.OpenAsync(Caller);
        var others = await suite.OpenAsync(Other);
        var lines = Encoding.UTF8.GetString((await ExportAsync(Caller, "incidents/export?sort=openedAt&expand=requester")).Body)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        var me = (await suite.GetAsync(Caller, "people/me")).Ok();
        Assert.All(lines, line => Assert.Equal(me.Text("name"), line["expanded"]!["requester"]!.AsObject().Text("name")));
        var csv = CsvTable.Parse(Encoding.UTF8.GetString((await ExportAsync(Caller, "incidents/export?sort=openedAt&format=csv")).Body));
        var sheet = Workbook.Read((await ExportAsync(Caller, "incidents/export?sort=openedAt&format=xlsx")).Body);
        Assert.Equal(csv.Rows.Select(row => row.Values[0]), sheet.Skip(1).Select(row => row[0].Value));
        Assert.Superset(lines.Select(line => line.Id).ToHashSet(), csv.Rows.Select(row => row.Values[0]).ToHashSet());
        Assert.DoesNotContain(csv.Rows, row => row.Values[0] == others.Id);
        Assert.Equal(csv.Columns, sheet[0].Select(cell => cell.Value));
        Assert.Equal(["id", "number", "title"], csv.Columns.Take(3));
        Assert.DoesNotContain("readers", csv.Columns);
    }

    [Theory]
    [InlineData("format=pdf", "?format", "possible: ndjson, csv, xlsx")]
    [InlineData("format=csv&expand=title", "?expand", "title")]
    [InlineData("format=xlsx&fields=readers", "?fields", "readers")]
    public async Task What_it_does_not_understand_is_named(string query, string at, string says)
    {
        var problem = (await suite.GetAsync(Agent, $"incidents/export?{query}")).Problem(400);
        Assert.Equal(at, problem.Pointer());
        Assert.Contains(says, problem.Text("detail"), StringComparison.Ordinal);
    }

    private async Task<(HttpContentHeaders Headers, byte[] Body)> ExportAsync(string person, string path)
    {
        using var answer = await suite.As(person).GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative));
        var body = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(answer.IsSuccessStatusCode, Encoding.UTF8.GetString(body));
        return (answer.Content.Headers, body);
    }
}
