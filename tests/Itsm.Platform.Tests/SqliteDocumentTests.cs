using Itsm.Platform.Documents;
using Itsm.Platform.Documents.Sqlite;
using Itsm.Platform.Supervision;
using Itsm.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;

namespace Itsm.Platform.Tests;

public sealed class SqliteDocumentTests : DocumentContract
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("itsm-documents-");

    private string File => Path.Combine(_folder.FullName, "documents.db");

    public override async ValueTask DisposeAsync()
    {
        await CloseAsync(Database);
        _folder.Delete(recursive: true);
    }

    protected override ValueTask<IDocumentDatabase> OpenAsync() => new(new SqliteDatabase(File));

    protected override ValueTask CloseAsync(IDocumentDatabase database) => ((SqliteDatabase)database).DisposeAsync();

    [Fact]
    public async Task Acknowledged_writes_survive_an_abrupt_end()
    {
        var definition = new CollectionDefinition("notes", new IndexDefinition("kind", "at"));
        var notes = Database.Collection(definition);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => notes.InsertAsync(Note(number), default)));
        var copy = Path.Combine(_folder.FullName, "copy.db");
        System.IO.File.Copy(File, copy);
        System.IO.File.Copy(File + "-wal", copy + "-wal");

        await using var survivor = new SqliteDatabase(copy);
        Assert.Equal(100, await survivor.Collection(definition).CountAsync([Condition.In("kind", "note")], default));
    }

    [Fact]
    public async Task Side_writes_are_made_with_the_write_of_a_document_or_not_at_all()
    {
        var database = (IWritesTogether)Database;
        var notes = Database.Collection(new CollectionDefinition("notes", new IndexDefinition("at") { Unique = true }));
        var sides = Database.Collection(new CollectionDefinition("sides", new IndexDefinition("kind", "at")));
        var (note, kept, gone) = (Note(1), Note(2), Note(3));
        await sides.InsertAsync(gone, default);

        Assert.True(await database.WriteAsync(notes, note, null,
            [new SideWrite(sides, kept.Id, kept), new SideWrite(sides, gone.Id, null), new SideWrite(sides, note.Id, null)], default));
        Assert.Equal([kept.Id], await IdsAsync());

        // Refused for its id, for its version, for a value that must be unique.
        var other = Note(4);
        await Assert.ThrowsAsync<DuplicateKeyException>(() => database.WriteAsync(notes, note, null, Sides(), default));
        Assert.False(await database.WriteAsync(notes, note with { Version = 3 }, 2, Sides(), default));
        await Assert.ThrowsAsync<DuplicateKeyException>(() =>
            database.WriteAsync(notes, Note(1) with { Id = other.Id }, null, Sides(), default));
        Assert.Equal([kept.Id], await IdsAsync());

        Assert.True(await database.WriteAsync(notes, note with { Version = 2 }, 1,
            [new SideWrite(sides, kept.Id, kept with { Version = 7 }), .. Sides()], default));
        Assert.Equal(7, (await sides.FindAsync(kept.Id, default))!.Value.Version);
        Assert.Equal(2, (await IdsAsync()).Count);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            database.WriteAsync(sides, Note(5), null, [new SideWrite(notes, other.Id, other)], default));

        SideWrite[] Sides() => [new(sides, other.Id, other)];

        async Task<List<Guid>> IdsAsync() =>
            [.. (await sides.QueryAsync(new DocumentQuery([Condition.In("kind", "note")], "at", false, null, 10), default))
                .Select(side => side.Id)];
    }

    [Fact]
    public async Task Writes_still_queued_when_the_database_closes_are_done()
    {
        var definition = new CollectionDefinition("notes", new IndexDefinition("kind", "at"));
        await using var closing = new SqliteDatabase(File + "2");
        var notes = closing.Collection(definition);
        Assert.Null(await notes.FindAsync(Guid.CreateVersion7(DateTimeOffset.UnixEpoch), default));
        var writes = Enumerable.Range(0, 50).Select(number => notes.InsertAsync(Note(number), default)).ToList();
        await closing.DisposeAsync();
        await Task.WhenAll(writes);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => notes.InsertAsync(Note(99), default));
        Assert.False(await closing.AnswersAsync(default));
    }

    [Fact]
    public async Task A_new_unique_index_that_old_documents_break_stays_unusable_and_says_why_while_writes_go_on()
    {
        var notes = Database.Collection(new CollectionDefinition("notes", new IndexDefinition("kind", "at")));
        var second = Note(2);
        await notes.InsertMissingAsync([Note(1), second], default);
        await CloseAsync(Database);

        await using (var broken = new SqliteDatabase(File))
        {
            var changed = broken.Collection(new CollectionDefinition("notes", new IndexDefinition("kind") { Unique = true }));
            var why = await Assert.ThrowsAsync<InvalidOperationException>(() => changed.CountAsync([Condition.In("kind", "note")], default)
                .AsTask());
            Assert.Contains($"unique index of kind does not fit the documents that are there: {second.Id}", why.Message,
                StringComparison.Ordinal);
            Assert.Equal([why.Message], broken.MissingIndexes);
            Assert.True(await changed.DeleteAsync(second.Id, 1, default));
        }

        await using var again = new SqliteDatabase(File);
        Assert.Equal(1, await again.Collection(notes.Definition).CountAsync([Condition.In("kind", "note")], default));
    }

    [Fact]
    public async Task A_new_index_is_filled_in_slices_between_writes_and_lacks_no_row_and_keeps_no_stale_one()
    {
        var notes = Database.Collection(new CollectionDefinition("notes", new IndexDefinition("kind", "at")));
        StoredDocument[] old = [.. Enumerable.Range(0, 1800).Select(Note)];
        await notes.InsertMissingAsync(old, default);
        await CloseAsync(Database);

        var table = new CollectionTable(new CollectionDefinition("notes", new IndexDefinition("kind", "at"), new IndexDefinition("at")));
        await using (var writer = new SqliteWriter(File, NullLogger.Instance, () => { }, () => false))
        {
            Assert.True(await RunAsync(table.Prepare));
            var after = await RunAsync(session => table.Fill(session, null));
            Assert.Equal(old[499].Id, after);

            // Before and behind the place that the fill has come to: changed, deleted, new.
            foreach (var number in new[] { 10, 1000 })
            {
                var note = Note(number + 10_000) with { Id = old[number].Id, Version = 2 };
                Assert.True(await RunAsync(session => table.TryReplace(session, note, 1, table.Values(note.Body))));
                Assert.True(await RunAsync(session => table.TryDelete(session, old[number + 1].Id, 1)));
            }

            var added = Note(1800);
            await RunAsync(session => table.TryInsert(session, added, table.Values(added.Body)));
            after = await RunAsync(session => table.Fill(session, after));
            Assert.NotNull(after);

            Task<T> RunAsync<T>(Func<SqliteSession, T> work) => writer.RunAsync(work, default);
        }

        // A crash amid the fill: it begins again, and what it had written is no hindrance.
        await using var database = new SqliteDatabase(File);
        var again = database.Collection(new CollectionDefinition("notes", new IndexDefinition("kind", "at"), new IndexDefinition("at")));
        await again.InsertAsync(Note(1801), default);
        await again.InsertMissingAsync([Note(1802)], default);
        var all = Condition.Within("at", 0, true, null, false);
        Assert.Equal(1801, await again.CountAsync([all], default));
        Assert.Empty(database.MissingIndexes);
        var found = await again.QueryAsync(new DocumentQuery([all], "at", false, null, 5000), default);
        int[] gone = [11, 1001], changed = [10, 1000];
        Assert.Equal(Enumerable.Range(0, 1803).Except(gone).Except(changed).Concat(changed.Select(number => number + 10_000)),
            found.Select(note => RawBson.Values(note.Body.Span, "at")[0].AsInt32));
        await using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        await connection.OpenAsync();
        await using var rows = connection.CreateCommand();
        rows.CommandText = "SELECT (SELECT count(*) FROM ix_notes_at) || ' ' || (SELECT count(*) FROM unfilled_indexes)";
        Assert.Equal("1801 0", await rows.ExecuteScalarAsync());
    }

    [Fact]
    public async Task One_failing_write_does_not_harm_those_committed_with_it()
    {
        var notes = Database.Collection(new CollectionDefinition("notes", new IndexDefinition("kind", "at")));
        await notes.InsertAsync(Note(0), default);
        await using (var connection = new SqliteConnection($"Data Source={File};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var trigger = connection.CreateCommand();
            trigger.CommandText = "CREATE TRIGGER refuse BEFORE INSERT ON notes WHEN NEW.version = 7 BEGIN SELECT RAISE(ROLLBACK, 'disk on "
                + "fire'); END";
            await trigger.ExecuteNonQueryAsync();
        }

        var writes = Enumerable.Range(1, 40)
            .Select(number => notes.InsertAsync(Note(number) with { Version = number == 20 ? 7 : 1 }, default)).ToList();
        await Assert.ThrowsAsync<SqliteException>(() => writes[19]);
        await Task.WhenAll(writes.Where(write => write != writes[19]));
        Assert.Equal(40, await notes.CountAsync([Condition.In("kind", "note")], default));
    }

    [Fact]
    public async Task A_request_does_not_wait_for_all_that_is_written_in_the_background()
    {
        await using var writer = new SqliteWriter(File, NullLogger.Instance, () => { }, () => Work.IsUnderWay);
        using var begun = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        var (order, writes) = (new List<int>(), new List<Task>());
        writes.Add(writer.RunAsync(_ =>
        {
            begun.Set();
            gate.Wait();
            return true;
        }, default));
        begun.Wait(TestContext.Current.CancellationToken);
        using (Supervisors.Create().Watch("background").Begin(default))
        {
            writes.AddRange(Enumerable.Range(1, 500).Select(number => Write(number)));
        }

        writes.Add(Write(0));
        gate.Set();
        await Task.WhenAll(writes);
        Assert.Equal(0, order[0]);
        Assert.Equal(Enumerable.Range(0, 501), order);

        Task Write(int number) => writer.RunAsync(_ =>
        {
            order.Add(number);
            return true;
        }, default);
    }

    [Fact]
    public async Task A_page_is_sought_in_its_index_without_sorting()
    {
        var notes = Database.Collection(new CollectionDefinition("notes", new IndexDefinition("kind", "at")));
        await notes.InsertAsync(Note(0), default);
        var table = new CollectionTable(notes.Definition);
        await using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        await connection.OpenAsync();
        foreach (var sql in new[] { table.Indexes[0].Ascending, table.Indexes[0].Descending })
        {
            await using var explain = connection.CreateCommand();
            explain.CommandText = "EXPLAIN QUERY PLAN " + sql.Text;
            for (var number = 1; number <= 5; number++)
            {
                explain.Parameters.AddWithValue($"?{number}", number);
            }

            await using var rows = await explain.ExecuteReaderAsync();
            Assert.True(await rows.ReadAsync());
            Assert.Equal("SEARCH ix_notes_kind,at USING PRIMARY KEY (k0=? AND (k1,id)>(?,?) AND (k1,id)<(?,?))", rows.GetString(3));
            Assert.False(await rows.ReadAsync());
        }
    }

    private static StoredDocument Note(int number)
    {
        var id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddSeconds(number));
        return new StoredDocument(id, 1, new BsonDocument
        {
            ["_id"] = new BsonBinaryData(id, GuidRepresentation.Standard),
            ["version"] = 1L,
            ["kind"] = "note",
            ["at"] = number,
        }.ToBson());
    }
}
