using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Incidents.Import;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Itsm.Incidents.Tests.Import;

/// <summary>Imports through the running suite.</summary>
public sealed class ImportTests(ImportTests.Suite suite) : IClassFixture<ImportTests.Suite>
{
    private const string Admin = "admin";
    private const string Agent = "agent1";
    private const string Plain = "number,title,state,opened_at,requester,priority\n";

    [Fact]
    public async Task Real_incidents_read_back_equal_to_the_file_and_a_second_import_changes_nothing()
    {
        var job = await ImportAsync(Excerpt.Text, "real", "Europe/Lisbon");
        Assert.Equal((5, 5, 0, 0), Counts(job));

        var before = new Dictionary<string, string>();
        foreach (var result in await ResultsAsync(job))
        {
            var rows = Excerpt.Rows[result.Text("sourceNumber")].ToList();
            var last = rows[^1];
            var incident = await RunningSuite.UntilAsync(
                () => suite.GetAsync(Agent, "incidents/" + result.Text("incident")), answer => HasItsClocks(answer.Ok()),
                "Clocks of its own history");
            var read = incident.Ok();
            before.Add(read.Id, incident.Text);
            Assert.Equal(last["incident_state"].ToLowerInvariant(), read.Text("state"));
            Assert.Equal(last["priority"][..1], read["priority"]!.ToString());
            Assert.Equal(last["reopen_count"], read["reopenCount"]!.ToString());
            Assert.Equal(Excerpt.Lisbon(last["opened_at"]), Instant(read, "openedAt"));
            Assert.Equal(Excerpt.Lisbon(last["closed_at"]), Instant(read, "closedAt"));
            Assert.Equal(Excerpt.Lisbon(
                last["resolved_at"] == "?" ? rows.Last(row => row["incident_state"] == "Resolved")["sys_updated_at"] : last["resolved_at"]),
                Instant(read, "resolvedAt"));
            Assert.Equal("imported", read.Text("resolutionCode"));

            var history = (await suite.GetAsync(Agent, $"incidents/{read.Id}/history?limit=200")).Ok().Items.Reverse().ToList();
            Assert.Equal(
                rows.Select(row => (Excerpt.Lisbon(row["sys_updated_at"]), row["sys_updated_by"])),
                history.Select(entry => (Instant(entry, "at"), entry["by"]!.AsObject().Text("name"))));
            var times = read["timeline"]!.AsArray().Select(entry => Instant(entry!.AsObject(), "at")).ToList();
            Assert.Equal(times.Order(), times);
        }

        var again = await ImportAsync(Excerpt.Text, "real", "Europe/Lisbon");
        Assert.Equal((5, 0, 5, 0), Counts(again));
        foreach (var (id, text) in before)
        {
            Assert.Equal(text, (await suite.GetAsync(Agent, "incidents/" + id)).Text);
        }
    }

    [Fact]
    public async Task People_and_groups_of_the_source_come_into_the_directory_inactive()
    {
        await ImportAsync(Excerpt.Text, "elsewhere", "UTC");

        await suite.UntilAsync(Admin, "people?active=false&limit=200", page =>
            page.Items.Any(person => person.TextOrNull("source") == "elsewhere" && person.Text("name") == "Caller 388"));
    }

    [Fact]
    public async Task A_known_person_is_used_and_an_other_priority_is_kept_as_an_override()
    {
        var job = await ImportAsync(Plain + "1,The printer burns,New,2024-01-01T10:00:00Z,employee1,1\n", "known");

        var incident = (await suite.GetAsync(Agent, "incidents/" + Assert.Single(await ResultsAsync(job)).Text("incident"))).Ok();
        var person = (await suite.GetAsync(Admin, "people/employee1")).Ok();
        Assert.Equal(person.Id, incident.Text("requester"));
        Assert.Equal((1, 3), (incident["priority"]!.GetValue<int>(), incident["computedPriority"]!.GetValue<int>()));
        Assert.Equal("import", incident["priorityOverride"]!["by"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Refused_rows_have_reasons_and_leave_the_others_alone()
    {
        var job = await ImportAsync(Plain + "1,Good,New,2024-01-01T10:00:00Z,,\n2,Bad,Burning,2024-01-01T10:00:00Z,,\n", "mixed");

        Assert.Equal((2, 1, 0, 1), Counts(job));
        var refused = Assert.Single((await suite.GetAsync(Admin, $"incidents/imports/{job.Id}/results?outcome=refused")).Ok().Items);
        Assert.Equal("2", refused.Text("sourceNumber"));
        var reason = refused["reason"]!.AsObject();
        Assert.StartsWith("Line 3, column state: the state Burning is unknown", reason.Text("text"), StringComparison.Ordinal);
        Assert.Equal("Line {line}, column {column}: {reason}.", reason.Text("template"));
        Assert.Null(refused["rows"]);
        Assert.DoesNotContain((await suite.GetAsync(Agent, "incidents?sourceNumber=2&limit=200")).Ok().Items, incident =>
            incident["source"]!["system"]!.GetValue<string>() == "mixed");
    }

    [Fact]
    public async Task Reasons_are_in_the_language_of_their_reader_and_those_of_an_earlier_version_as_they_were_written()
    {
        var job = await ImportAsync(Plain + "1,Bad,Burning,2024-01-01T10:00:00Z,,\n2,One,New,2024-01-01T10:00:00Z,,\n2,Two,New,"
            + "2024-01-01T10:00:00Z,,\n", "spoken");
        var results = $"incidents/imports/{job.Id}/results?outcome=refused";
        (await suite.PostAsync(Admin, "people",
            new
            {
                userName = "import-german", name = "Import German", language = "de", roles = new[] { "administrator", "requester" },
            })).Ok();
        var read = (await RunningSuite.UntilAsync(
            () => suite.GetAsync("import-german", results), answer => answer.Status == HttpStatusCode.OK, "import-german")).Ok().Items;
        Assert.StartsWith(
            "Zeile 2, Spalte state: der Zustand Burning ist unbekannt; möglich: New,", Reason(read[0]), StringComparison.Ordinal);
        Assert.Equal("Die Nummer 2 steht in mehreren Zeilen (3, 4); in dieser Form hat eine Störung eine Zeile.", Reason(read[1]));

        var items = suite.Modules.GetRequiredService<AggregateStore<ImportItem>>();
        await PatchAsync(items.Documents, Guid.Parse(read[0].Id), document => document["reason"] = document["reason"]["text"]);
        read = (await suite.GetAsync("import-german", results)).Ok().Items;
        Assert.StartsWith("Line 2, column state: the state Burning is unknown", Reason(read[0]), StringComparison.Ordinal);
        Assert.Equal(Reason(read[0]), (await items.FindAsync(Guid.Parse(read[0].Id), default))!.Reason!.Text);

        static string Reason(JsonObject result) => result["reason"]!.AsObject().Text("text");
    }

    /// <summary>All its clocks have ended; one that was first recorded as resolved never had any.</summary>
    private static bool HasItsClocks(JsonObject incident) =>
        incident["timeline"]!.AsArray().All(entry => entry!["category"]!.GetValue<string>() is "resolved" or "closed")
        || incident["serviceLevels"]?["clocks"]?.AsArray().All(clock => clock!["endedAt"] is not null) == true;

    [Fact]
    public async Task A_crash_between_the_incident_and_its_result_imports_nothing_twice()
    {
        var job = await ImportAsync(Plain + "1,First,New,2024-01-01T10:00:00Z,,\n2,Second,New,2024-01-01T10:00:00Z,,\n", "crash");
        var before = await ResultsAsync(job);
        var id = Guid.Parse(job.Id);
        await PatchAsync(suite.Modules.GetRequiredService<AggregateStore<ImportItem>>().Documents, Guid.Parse(before[1].Id), document =>
        {
            document["outcome"] = "pending";
            document.Remove("incident");
            document.Remove("number");
        });

        // Last, for the job's own timer may come once more: with nothing pending it would end the job again.
        await PatchAsync(suite.Modules.GetRequiredService<AggregateStore<ImportJob>>().Documents, id, document =>
        {
            document["state"] = "running";
            document.Remove("finishedAt");
        });

        var run = suite.Modules.GetRequiredService<RunImport>();
        await Task.WhenAll(run.RunAsync(id, default), run.RunAsync(id, default));

        Assert.Equal((2, 2, 0, 0), Counts((await suite.GetAsync(Admin, "incidents/imports/" + job.Id)).Ok()));
        Assert.Equal(before.Select(result => result.Text("incident")), (await ResultsAsync(job)).Select(result => result.Text("incident")));
    }

    [Fact]
    public async Task An_import_that_was_cut_short_goes_on_after_a_restart()
    {
        var rows = string.Concat(Enumerable.Range(1, 300).Select(number => $"{number},Incident {number},New,2024-01-01T10:00:00Z,,\n"));
        var job = (await SendAsync(Plain + rows, "restart")).Ok();

        await suite.RestartAsync();
        suite.Clock.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal((300, 300, 0, 0), Counts(await DoneAsync(job)));
    }

    [Fact]
    public async Task A_long_import_goes_on_in_a_new_slice_before_its_lease_ends()
    {
        var rows = string.Concat(Enumerable.Range(1, 4000).Select(number => $"{number},Incident {number},New,2024-01-01T10:00:00Z,,\n"));
        var job = (await SendAsync(Plain + rows, "slices")).Ok();
        await suite.UntilAsync(Admin, "incidents/imports/" + job.Id, read => read["imported"]!.GetValue<int>() > 0);
        suite.Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal((4000, 4000, 0, 0), Counts(await DoneAsync(job)));
        var history = suite.Modules.GetRequiredKeyedService<IDocumentDatabase>("incidents").Collection(ImportJob.Definition.History);
        var query = new DocumentQuery([Condition.In("aggregate", BsonMapping.Value(Guid.Parse(job.Id)))], "entry", false, null, 100);
        await RunningSuite.UntilAsync(
            async () =>
                (await history.QueryAsync(query, default)).Select(entry => RawBson.Values(entry.Body.Span, "action")[0].AsString).ToList(),
            actions => actions.Contains("continue") && actions.Contains("finish"), "a second slice");
    }

    [Fact]
    public async Task The_same_key_gives_the_same_import()
    {
        var first = await SendAsync(Plain + "1,Keyed,New,2024-01-01T10:00:00Z,,\n", "keyed", key: "import-1");
        var second = await SendAsync(Plain + "1,Keyed,New,2024-01-01T10:00:00Z,,\n", "keyed", key: "import-1");

        Assert.Equal(HttpStatusCode.Accepted, first.Status);
        Assert.Equal("/api/v1/incidents/imports/" + first.Json.Id, first.Headers["Location"]);
        Assert.Equal(first.Text, second.Text);
        await DoneAsync(first.Json);
    }

    [Fact]
    public async Task What_is_no_import_is_refused_and_nothing_is_written()
    {
        var row = Plain + "1,Good,New,2024-01-01T10:00:00Z,,\n";

        (await suite.PostAsync(Admin, "incidents/imports", new { })).Problem(415);
        (await SendAsync("", "csv")).Problem(400);
        (await SendAsync(row, "Not a word")).Problem(400);
        (await SendAsync(row, "csv", "Europe/Atlantis")).Problem(400);
        (await SendAsync(row, "csv", person: Agent)).Problem(403);
        (await suite.SendAsync(Admin, HttpMethod.Post, "incidents/imports",
            new ByteArrayContent([.. Encoding.UTF8.GetBytes(Plain), 0xFF]) { Headers = { ContentType = new("text/csv") } })).Problem(400);
        (await suite.GetAsync(Admin, "incidents/imports/" + Guid.Empty)).Problem(404);
        Assert.DoesNotContain((await suite.GetAsync(Admin, "incidents/imports?limit=200")).Ok().Items, job => job.Text("source") == "csv");
    }

    private static (int Total, int Imported, int Unchanged, int Refused) Counts(JsonObject job) =>
        (job["total"]!.GetValue<int>(), job["imported"]!.GetValue<int>(), job["unchanged"]!.GetValue<int>(),
            job["refused"]!.GetValue<int>());

    private static DateTimeOffset Instant(JsonObject json, string name) =>
        DateTimeOffset.Parse(json.Text(name), CultureInfo.InvariantCulture);

    private static async Task PatchAsync(IDocumentCollection documents, Guid id, Action<BsonDocument> change)
    {
        while (true)
        {
            // The relay may be clearing the outbox at the same time.
            var found = (await documents.FindAsync(id, default))!.Value;
            var body = BsonSerializer.Deserialize<BsonDocument>(found.Body.ToArray());
            change(body);
            body["version"] = found.Version + 1;
            if (await documents.ReplaceAsync(new StoredDocument(id, found.Version + 1, body.ToBson()), found.Version, default))
            {
                return;
            }
        }
    }

    private Task<Answer> SendAsync(string text, string source, string zone = "UTC", string person = Admin, string? key = null) =>
        suite.SendAsync(
        person, HttpMethod.Post, $"incidents/imports?source={Uri.EscapeDataString(source)}&timeZone={Uri.EscapeDataString(zone)}",
        new StringContent(text, Encoding.UTF8, "text/csv"), key: key);

    [Fact]
    public async Task The_sample_is_a_file_that_imports_as_it_is()
    {
        (await suite.GetAsync("employee1", "incidents/imports/sample")).Problem(403);
        using var sample = await suite.As(Admin).GetAsync(new Uri("/api/v1/incidents/imports/sample", UriKind.Relative));
        Assert.Equal(("text/csv", "incidents-sample.csv"),
            (sample.Content.Headers.ContentType!.MediaType, sample.Content.Headers.ContentDisposition!.FileName));
        var text = await sample.Content.ReadAsStringAsync();
        Assert.Equal((3, 3, 0, 0), Counts(await ImportAsync(text, "sample")));
        Assert.Equal((3, 0, 3, 0), Counts(await ImportAsync(text, "sample")));
        Assert.Equal(PlainForm.Known.Order(), Itsm.Platform.Http.CsvTable.Parse(text).Columns.Order());
    }

    private async Task<JsonObject> ImportAsync(string text, string source, string zone = "UTC") =>
        await DoneAsync((await SendAsync(text, source, zone)).Ok());

    private Task<JsonObject> DoneAsync(JsonObject job) =>
        RunningSuite.UntilAsync(async () => (await suite.GetAsync(Admin, "incidents/imports/" + job.Id)).Ok(),
            read => read.Text("state") == "done", "The import", TimeSpan.FromMinutes(5));

    private async Task<IReadOnlyList<JsonObject>> ResultsAsync(JsonObject job) =>
        (await suite.GetAsync(Admin, $"incidents/imports/{job.Id}/results?limit=200")).Ok().Items;

    /// <summary>With the clocks of what is imported.</summary>
    public sealed class Suite : RunningSuite
    {
        protected override IReadOnlyList<string> Services => ["directory", "incidents", "service-levels"];
    }
}
