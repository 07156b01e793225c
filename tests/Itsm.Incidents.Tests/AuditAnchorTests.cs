using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Gateway;
using Itsm.Incidents.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Anchors of all histories of a service, kept outside: what they show that the histories themselves do not.</summary>
public sealed class AuditAnchorTests(AuditAnchorTests.Suite suite) : IClassFixture<AuditAnchorTests.Suite>
{
    [Fact]
    public async Task An_anchor_holds_while_histories_grow_and_new_ones_begin()
    {
        var id = (await suite.OpenAsync()).Id;
        var anchor = await AnchorAsync();
        Assert.Equal("collection,id,entries,head", anchor.Split('\n')[0]);
        Assert.Contains(anchor.Split('\n'), row => row.StartsWith($"incidents,{id},1,", StringComparison.Ordinal));
        (await suite.PatchAsync(Agent, "incidents/" + id, new { description = "More" }, "*")).Ok();
        await suite.OpenAsync();

        var found = (await VerifyAsync(anchor)).Ok();
        Assert.Equal((true, 0, anchor.Split('\n').Length - 3),
            (found["valid"]!.GetValue<bool>(), found["faultCount"]!.GetValue<int>(), found["histories"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_history_that_somebody_with_the_key_wrote_anew_is_found_and_so_is_what_was_removed_or_can_not_be_read()
    {
        var (rewritten, removed, broken) = ((await suite.OpenAsync()).Id, (await suite.OpenAsync()).Id, (await suite.OpenAsync()).Id);
        var anchor = await AnchorAsync();
        var store = suite.Modules.GetRequiredService<AggregateStore<Incident>>();

        var originals = await Task.WhenAll(new[] { removed, broken }
            .Select(async id => (await store.Documents.FindAsync(Guid.Parse(id), default))!.Value));

        // As who has the key: another first entry, and all that follows from it.
        var history = suite.Modules.GetRequiredKeyedService<IDocumentDatabase>("incidents").Collection(store.Definition.History);
        var moved = await RunningSuite.UntilAsync(
            async () =>
                await history.QueryAsync(new DocumentQuery([Condition.In("aggregate", BsonMapping.Value(Guid.Parse(rewritten)))], "entry",
                    false, null, 10), default),
            found => found.Count == 1, "The first entry");
        var entry = Read(moved[0]);
        entry.Remove("hash");
        entry["reason"] = "Another one.";
        var head = SHA256.HashData(entry.ToBson());
        Assert.True(await history.ReplaceAsync(moved[0] with { Body = entry.Add("hash", head).ToBson() }, moved[0].Version, default));
        await AlterAsync(store.Documents, rewritten, body =>
            (body["_envelope"]["chainHead"], body["_envelope"]["seal"]) = (head, Seal(Guid.Parse(rewritten), 1, head)));
        Assert.True((await suite.GetAsync(Agent, $"incidents/{rewritten}/history/verification")).Ok()["valid"]!.GetValue<bool>());

        Assert.True(await store.Documents.DeleteAsync(Guid.Parse(removed), 1, default));
        await AlterAsync(store.Documents, broken, body => body["state"] = "no state at all");
        Assert.Equal("unreadable", (await suite.GetAsync(Agent, $"incidents/{broken}/history/verification")).Ok().Text("fault"));

        var found = (await VerifyAsync(anchor)).Ok();
        Assert.False(found["valid"]!.GetValue<bool>());
        Assert.Equal(
            new[] { (rewritten, "anchor"), (removed, "missing"), (broken, "unreadable") }.Order(),
            found["faults"]!.AsArray().Select(fault => fault!.AsObject()).Select(fault => (fault.Id, fault.Text("what"))).Order());
        foreach (var original in originals)
        {
            if (await store.Documents.FindAsync(original.Id, default) is { } altered)
            {
                Assert.True(await store.Documents.DeleteAsync(altered.Id, altered.Version, default));
            }

            await store.Documents.InsertAsync(original, default);
        }
    }

    [Fact]
    public async Task What_is_no_anchor_of_this_service_as_it_was_sealed_is_refused()
    {
        await suite.OpenAsync();
        var rows = (await AnchorAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        foreach (var altered in new List<string>[]
        {
            [rows[0], .. rows[2..]], rows[..^1], [.. rows[..^2], rows[^2].Replace(",1,", ",2,", StringComparison.Ordinal), rows[^1]],
            [.. rows[..^1], rows[^1].Replace("Z,", "0Z,", StringComparison.Ordinal)],
        })
        {
            Assert.Contains("seal",
                (await VerifyAsync(string.Join('\n', altered))).Problem(400).Text("detail") + string.Join(',', altered[^1]),
                StringComparison.Ordinal);
        }

        (await VerifyAsync(string.Join('\n', rows), "directory")).Problem(400);
        (await VerifyAsync("collection,id,entries,head\nnothing,1,2,3\nseal,x,y,z\n")).Problem(400);
        (await VerifyAsync("a,b\n1,2\n")).Problem(400);
        (await VerifyAsync("")).Problem(400);
        (await suite.GetAsync("admin", "operations/audit-anchor/incidents?after=nonsense")).Problem(400);
        (await suite.GetAsync("admin", "operations/audit-anchor/payroll")).Problem(404);
        (await suite.GetAsync(Agent, "operations/audit-anchor/incidents")).Problem(403);
    }

    [Fact]
    public async Task An_anchor_goes_on_where_the_one_before_ended()
    {
        var id = (await suite.OpenAsync()).Id;
        var next = (await suite.OpenAsync()).Id;
        var rest = await AnchorAsync($"?after=incidents/{id}");
        Assert.DoesNotContain(rest.Split('\n'), row => row.StartsWith($"incidents,{id}", StringComparison.Ordinal));
        Assert.StartsWith($"incidents,{next}", rest.Split('\n')[1], StringComparison.Ordinal);
        (await VerifyAsync(rest)).Ok();
    }

    private static async Task AlterAsync(IDocumentCollection documents, string id, Action<BsonDocument> alter)
    {
        var stored = (await documents.FindAsync(Guid.Parse(id), default))!.Value;
        var body = Read(stored);
        alter(body);
        Assert.True(await documents.ReplaceAsync(stored with { Body = body.ToBson() }, stored.Version, default));
    }

    private byte[] Seal(Guid aggregate, long entries, byte[] head)
    {
        var number = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(number, entries);
        return HMACSHA256.HashData(Convert.FromBase64String(DevelopmentTokens.In(suite.Data).Key),
            (byte[])[.. aggregate.ToByteArray(bigEndian: true), .. number, .. head]);
    }

    private static BsonDocument Read(StoredDocument document) => BsonSerializer.Deserialize<BsonDocument>(document.Body.ToArray());

    private async Task<string> AnchorAsync(string query = "") =>
        (await suite.GetAsync("admin", "operations/audit-anchor/incidents" + query)) is { Status: System.Net.HttpStatusCode.OK } answer
        ? answer.Text : throw new InvalidOperationException("No anchor.");

    private Task<Answer> VerifyAsync(string anchor, string service = "incidents") =>
        suite.PostAsync("admin", $"operations/audit-anchor/{service}/verification", new StringContent(anchor, Encoding.UTF8, "text/csv"));

    /// <summary>Of their own: what others write meanwhile would be counted, too.</summary>
    public sealed class Suite : IncidentsSuite;
}
