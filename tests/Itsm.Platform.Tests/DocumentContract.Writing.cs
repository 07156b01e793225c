using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Tests;

public abstract partial class DocumentContract
{
    [Fact]
    public async Task What_was_inserted_is_found_byte_for_byte()
    {
        var fields = Ticket("a b");
        fields["time"] = new BsonBinaryData(new byte[8], BsonBinarySubType.UserDefined);
        var document = Document(fields);
        await Collection.InsertAsync(document, default);

        var found = await Collection.FindAsync(document.Id, default);
        Assert.Equal((document.Id, 1L), (found!.Value.Id, found.Value.Version));
        Assert.Equal(document.Body.ToArray(), found.Value.Body.ToArray());
        Assert.Null(await Collection.FindAsync(Guid.CreateVersion7(Noon), default));
    }

    [Fact]
    public async Task A_replacement_needs_the_expected_version()
    {
        var id = await Store(Ticket("a", "new", 1));
        Assert.False(await Collection.ReplaceAsync(Version(id, 3, Ticket("b")), 2, default));
        Assert.False(await Collection.ReplaceAsync(Version(Guid.CreateVersion7(Noon), 2, Ticket()), 1, default));
        Assert.True(await Collection.ReplaceAsync(Version(id, 2, Ticket("b", "open", 2)), 1, default));

        Assert.Equal(2, (await Collection.FindAsync(id, default))!.Value.Version);
        Assert.Empty(await Query("openedAt", false, Condition.In("readers", "a")));
        Assert.Equal([id], await Query("openedAt", false, Condition.In("readers", "b")));
    }

    [Fact]
    public async Task An_element_is_set_in_those_documents_that_have_the_right_version()
    {
        var ids = new List<Guid>();
        for (var number = 0; number < 5; number++)
        {
            ids.Add(await Store(Ticket("a", "new", number)));
        }

        Assert.True(await Collection.ReplaceAsync(Version(ids[2], 2, Ticket("a", "closed", 2)), 1, default));
        var anna = new BsonDocument("id", "anna").ToBson();
        await Collection.SetManyAsync("assignee",
            [.. ids.Append(Guid.CreateVersion7(Noon)).Select(id => new DocumentElement(id, 1, anna))], default);
        Assert.Equal(ids.Where(id => id != ids[2]), await Query("openedAt", false, Condition.In("assignee.id", "anna")));
        Assert.Equal(5, await Collection.CountAsync([Condition.In("readers", "a")], default));

        var bert = new BsonDocument("id", "bert").ToBson();
        await Collection.SetManyAsync("assignee", [new DocumentElement(ids[0], 1, bert)], default);
        Assert.Equal([ids[0]], await Query("openedAt", false, Condition.In("assignee.id", "bert")));
        var found = (await Collection.FindAsync(ids[0], default))!.Value;
        Assert.Equal((1L, "bert"), (found.Version,
            MongoDB.Bson.Serialization.BsonSerializer.Deserialize<BsonDocument>(found.Body.ToArray())["assignee"]["id"].AsString));
        await Collection.SetManyAsync("assignee", [], default);
    }

    [Fact]
    public async Task A_deletion_needs_the_expected_version_and_clears_the_indexes()
    {
        var id = await Store(Ticket("a"));
        Assert.False(await Collection.DeleteAsync(id, 2, default));
        Assert.True(await Collection.DeleteAsync(id, 1, default));
        Assert.False(await Collection.DeleteAsync(id, 1, default));
        Assert.Null(await Collection.FindAsync(id, default));
        Assert.Equal(0, await Collection.CountAsync([Condition.In("readers", "a")], default));
    }

    [Fact]
    public async Task The_same_id_or_unique_value_twice_is_refused_and_leaves_no_trace()
    {
        var first = Document(Ticket().Add("number", "INC1"));
        await Collection.InsertAsync(first, default);
        var sameId = await Assert.ThrowsAsync<DuplicateKeyException>(() =>
            Collection.InsertAsync(Version(first.Id, 1, Ticket("x")), default));
        var sameNumber = await Assert.ThrowsAsync<DuplicateKeyException>(() => Store(Ticket("x").Add("number", "INC1")));
        var other = await Store(Ticket().Add("number", "INC2"));
        await Assert.ThrowsAsync<DuplicateKeyException>(() =>
            Collection.ReplaceAsync(Version(other, 2, Ticket("x").Add("number", "INC1")), 1, default));

        Assert.Equal(["_id"], sameId.Fields);
        Assert.Equal(["number"], sameNumber.Fields);
        Assert.Empty(await Query("openedAt", false, Condition.In("readers", "x")));
        Assert.Equal(1, (await Collection.FindAsync(other, default))!.Value.Version);
    }

    [Fact]
    public async Task A_unique_index_admits_many_documents_without_the_value_and_frees_a_value_given_up()
    {
        await Store(Ticket());
        await Store(Ticket());
        var id = await Store(Ticket().Add("number", "INC1"));
        Assert.True(await Collection.ReplaceAsync(Version(id, 2, Ticket().Add("number", "INC9")), 1, default));
        await Store(Ticket().Add("number", "INC1"));
        Assert.Equal(1, await Collection.CountAsync([Condition.In("number", "INC1")], default));
    }

    [Fact]
    public async Task Of_concurrent_inserts_of_one_unique_value_exactly_one_wins()
    {
        var attempts = Enumerable.Range(0, 32).Select(_ => Document(Ticket().Add("number", "INC1"))).ToList();
        var outcomes = await Task.WhenAll(attempts.Select(document => Task.Run(() => Succeeds(Collection.InsertAsync(document, default)))));
        Assert.Equal(1, outcomes.Count(won => won));
        Assert.Equal(1, await Collection.CountAsync([Condition.In("number", "INC1")], default));
        Assert.Equal(1, await Collection.CountAsync([Condition.In("state", "new")], default));
    }

    [Fact]
    public async Task Thirty_two_concurrent_replacers_lose_nothing()
    {
        var id = await Store(Ticket().Add("score", 0));
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 5;)
            {
                var current = (await Collection.FindAsync(id, default))!.Value;
                var next = Version(id, current.Version + 1, Ticket().Add("score", Fields(current)["score"].AsInt32 + 1));
                done += await Collection.ReplaceAsync(next, current.Version, default) ? 1 : 0;
            }
        })));

        var last = (await Collection.FindAsync(id, default))!.Value;
        Assert.Equal((161L, 160), (last.Version, Fields(last)["score"].AsInt32));
    }

    [Fact]
    public async Task Inserting_the_missing_leaves_what_is_there()
    {
        var (there, missing) = (Document(Ticket("old").Add("number", "INC1")), Document(Ticket("old")));
        await Collection.InsertAsync(there, default);
        await Collection.InsertMissingAsync([Version(there.Id, 1, Ticket("changed").Add("number", "INC1")), missing, missing], default);
        Assert.Equal([there.Id, missing.Id], await Query("openedAt", false, Condition.In("readers", "old", "changed")));

        await Assert.ThrowsAsync<DuplicateKeyException>(() =>
            Collection.InsertMissingAsync([Document(Ticket().Add("number", "INC1"))], default));
    }

    [Fact]
    public async Task A_write_cancelled_before_it_begins_is_not_done()
    {
        var document = Document(Ticket());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Collection.InsertAsync(document, new CancellationToken(canceled: true)));
        Assert.Null(await Collection.FindAsync(document.Id, default));
    }

    [Fact]
    public async Task A_document_over_sixteen_megabytes_is_refused()
    {
        var large = Document(Ticket().Add("text", new string('x', 16 * 1024 * 1024)));
        await Assert.ThrowsAsync<ArgumentException>(() => Collection.InsertAsync(large, default));
        var fitting = Document(Ticket().Add("text", new string('x', (16 * 1024 * 1024) - 1024)));
        await Collection.InsertAsync(fitting, default);
        Assert.Equal(fitting.Body.Length, (await Collection.FindAsync(fitting.Id, default))!.Value.Body.Length);
    }

    [Fact]
    public async Task Reopening_keeps_documents_and_indexes()
    {
        var id = await Store(Ticket("a").Add("number", "INC1").Add("tags", new BsonArray { "x", "y" }));
        await ReopenAsync();

        Assert.True(await Database.AnswersAsync(default));
        Assert.NotNull(await Collection.FindAsync(id, default));
        Assert.Equal([id], await Query("openedAt", true, Condition.In("readers", "a")));
        Assert.Equal(1, await Collection.CountAsync([Condition.In("state", "new")], default));
        await Assert.ThrowsAsync<DuplicateKeyException>(() => Store(Ticket().Add("number", "INC1")));
    }

    [Fact]
    public async Task A_new_index_covers_old_documents_and_an_index_no_longer_declared_is_refused()
    {
        await Collection.InsertMissingAsync([.. Enumerable.Range(0, 20)
            .Select(number => Document(Ticket("a").Add("site", $"s{number % 2}")))], default);
        await ReopenAsync();

        var changed = Database.Collection(new CollectionDefinition("tickets", new IndexDefinition("site", "openedAt")));
        Assert.Equal(10, await changed.CountAsync([Condition.In("site", "s1")], default));
        await Assert.ThrowsAsync<UndeclaredIndexException>(async () => await changed.CountAsync([Condition.In("readers", "a")], default));
    }

    private static async Task<bool> Succeeds(Task task)
    {
        try
        {
            await task;
            return true;
        }
        catch (DuplicateKeyException)
        {
            return false;
        }
    }

    [Fact]
    public async Task An_index_declared_later_is_made_while_writes_go_on()
    {
        for (var number = 0; number < 30; number++)
        {
            await Store(Ticket().Add("title", $"{number % 3}"));
        }

        await ReopenAsync();
        var later = Database.Collection(Tickets with { Indexes = [.. Tickets.Indexes, new IndexDefinition("title", "openedAt")] });
        await Store(Ticket().Add("title", "2"));
        await Wait.UntilAsync(() => Database.MissingIndexes.Count == 0, "The new index");
        Assert.Equal(11, await later.CountAsync([Condition.In("title", "2")], default));
    }
}
