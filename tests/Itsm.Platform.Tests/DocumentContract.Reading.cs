using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Tests;

public abstract partial class DocumentContract
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Paging_visits_each_document_once_while_others_come_and_change(bool descending)
    {
        var ids = new List<Guid>();
        for (var number = 0; number < 60; number++)
        {
            ids.Add(await Store(Ticket(number % 3 == 0 ? "a b" : "b", "new", number % 5 == 0 ? null : number / 10)));
        }

        var (visited, after) = (new List<Guid>(), (DocumentPosition?)null);
        while (true)
        {
            var page = await Collection.QueryAsync(
                new DocumentQuery([Condition.In("readers", "a", "b")], "openedAt", descending, after, 7), default);
            if (page.Count == 0)
            {
                break;
            }

            visited.AddRange(page.Select(document => document.Id));
            after = new DocumentPosition(Fields(page[^1]).GetValue("openedAt", BsonNull.Value), page[^1].Id);
            await Store(Ticket("a b", "new", descending ? 99 : -1));
            var last = page[^1];
            await Collection.ReplaceAsync(Version(last.Id, last.Version + 1, Changed(last)), last.Version, default);
        }

        var mine = visited.Where(ids.Contains).ToList();
        Assert.Equal(ids.Count, mine.Count);
        Assert.Equal(ids.Order(), mine.Order());
        Assert.Equal(visited.Count, visited.Distinct().Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_sparse_index_leaves_out_is_listed_in_the_order_of_ids(bool descending)
    {
        var open = new List<Guid>();
        for (var number = 0; number < 40; number++)
        {
            var ticket = Ticket(number % 2 == 0 ? "a" : "b", "new", number);
            ticket["endedAt"] = number % 4 == 3 ? At(number) : BsonNull.Value;
            var id = await Store(ticket);
            if (number % 4 != 3)
            {
                open.Add(id);
            }
        }

        foreach (var (readers, expected) in new[] { (new BsonValue[] { "a", "b" }, open), (["b"], [.. open.Where((_, index) => index % 3 == 1)]) })
        {
            var (visited, after) = (new List<Guid>(), (DocumentPosition?)null);
            while (await Collection.QueryAsync(new DocumentQuery([Condition.In("readers", readers), Condition.In("endedAt", BsonNull.Value)],
                "endedAt", descending, after, 7), default) is { Count: > 0 } page)
            {
                visited.AddRange(page.Select(document => document.Id));
                after = new DocumentPosition(BsonNull.Value, page[^1].Id);
            }

            Assert.Equal(descending ? Enumerable.Reverse(expected) : expected, visited);
        }

        Assert.Equal(10, (await Query("endedAt", descending, Condition.Within("endedAt", At(0), true, null, false))).Count);
    }

    [Fact]
    public async Task A_scan_visits_every_document_in_the_order_of_ids()
    {
        Assert.Empty(await Collection.ScanAsync(null, 3, default));
        var ids = new List<Guid>();
        for (var number = 0; number < 7; number++)
        {
            ids.Add(await Store(Ticket()));
        }

        var (visited, after) = (new List<StoredDocument>(), (Guid?)null);
        while (await Collection.ScanAsync(after, 3, default) is { Count: > 0 } page)
        {
            Assert.InRange(page.Count, 1, 3);
            visited.AddRange(page);
            after = page[^1].Id;
        }

        Assert.Equal(ids, visited.Select(document => document.Id));
        Assert.All(visited, document => Assert.Equal((1, "new"), (document.Version, Fields(document)["state"].AsString)));
    }

    [Fact]
    public async Task Ties_are_broken_by_id_and_missing_values_come_first()
    {
        var (late, tie, none, tie2) = (await Store(Ticket("a", openedAt: 5)), await Store(Ticket("a", openedAt: 2)),
            await Store(Ticket("a", openedAt: null)), await Store(Ticket("a", openedAt: 2)));
        Assert.Equal([none, tie, tie2, late], await Query("openedAt", false, Condition.In("readers", "a")));
        Assert.Equal([late, tie2, tie, none], await Query("openedAt", true, Condition.In("readers", "a")));
    }

    [Fact]
    public async Task A_document_reached_through_several_tokens_appears_and_counts_once()
    {
        var ids = new List<Guid>();
        foreach (var (readers, minute) in new[] { ("a b c", 1), ("b", 2), ("c a", 2), ("d", 3), ("a d", 4) })
        {
            ids.Add(await Store(Ticket(readers, openedAt: minute)));
        }

        Assert.Equal([ids[0], ids[1], ids[2], ids[4]], await Query("openedAt", false, Condition.In("readers", "a", "b", "c", "a")));
        Assert.Equal(4, await Collection.CountAsync([Condition.In("readers", "a", "b", "c")], default));
        Assert.Equal([ids[0], ids[2]], await Query("openedAt", false, Condition.In("readers", "a"), Condition.In("readers", "c")));
    }

    [Fact]
    public async Task A_field_with_a_domain_needs_no_condition()
    {
        var ids = new[] { await Store(Ticket("a", "open", 3)), await Store(Ticket("a", "new", 1)), await Store(Ticket("a", "closed", 2)) };
        var collection = Database.Collection(new CollectionDefinition("domains",
            new IndexDefinition("readers", "state", "openedAt") { Domains = States }));
        foreach (var id in ids)
        {
            await collection.InsertAsync((await Collection.FindAsync(id, default))!.Value, default);
        }

        var found = await collection.QueryAsync(new DocumentQuery([Condition.In("readers", "a")], "openedAt", false, null, 2), default);
        Assert.Equal([ids[1], ids[2]], found.Select(document => document.Id));
        found = await collection.QueryAsync(new DocumentQuery([Condition.In("readers", "a"), Condition.In("state", "open")], "openedAt",
            false, null, 2), default);
        Assert.Equal([ids[0]], found.Select(document => document.Id));
    }

    [Fact]
    public async Task Ranges_on_the_order_respect_their_bounds_and_leave_out_missing_values()
    {
        var ids = new List<Guid> { await Store(Ticket("a", openedAt: null)) };
        for (var minute = 1; minute <= 5; minute++)
        {
            ids.Add(await Store(Ticket("a", openedAt: minute)));
        }

        Assert.Equal(ids[2..5], await Within(At(2), true, At(4), true));
        Assert.Equal(ids[3..4], await Within(At(2), false, At(4), false));
        Assert.Equal(ids[1..3], await Within(null, false, At(2), true));
        Assert.Equal(ids[4..], await Within(At(3), false, null, false));
        Assert.Equal(ids[1..], await Within(null, false, null, false));
        Assert.Equal([ids[0], ids[2]],
            await Query("openedAt", false, Condition.In("readers", "a"), Condition.In("openedAt", At(2), BsonNull.Value)));

        async Task<List<Guid>> Within(BsonValue? from, bool fromIncluded, BsonValue? to, bool toIncluded)
        {
            var range = Condition.Within("openedAt", from, fromIncluded, to, toIncluded);
            var found = await Query("openedAt", false, Condition.In("readers", "a"), range);
            Assert.Equal(found.Count, await Collection.CountAsync([Condition.In("readers", "a"), range], default));
            return found;
        }
    }

    [Fact]
    public async Task Conditions_outside_the_chosen_index_still_hold()
    {
        var hit = await Store(Ticket("a", openedAt: 9).Add("tags", new BsonArray { "vpn", "mail" }).Add("priority", 2));
        for (var number = 0; number < 30; number++)
        {
            await Store(Ticket("a", openedAt: number % 8).Add("tags", new BsonArray { "mail" }).Add("priority", number % 4));
        }

        Condition[] where = [Condition.In("readers", "a"), Condition.In("tags", "vpn"), Condition.Within("priority", 1, true, null, false)];
        Assert.Equal([hit], await Query("openedAt", false, where));
        Assert.Equal(1, await Collection.CountAsync(where, default));
        Assert.Equal(31, await Collection.CountAsync([Condition.In("tags", "vpn", "mail"), Condition.In("state", "new")], default));
    }

    [Fact]
    public async Task Dotted_paths_reach_into_sub_documents_and_arrays_of_them()
    {
        var watched = await Store(Ticket().Add("number", "INC1").Add("watchers",
            new BsonArray { new BsonDocument("person", "ann"), new BsonDocument("person", "bob") }));
        var assigned = await Store(Ticket().Add("number", "INC2").Add("assignee", new BsonDocument("id", "ann")));
        Assert.Equal([watched], await Query("number", false, Condition.In("watchers.person", "bob", "ann")));
        Assert.Equal([assigned], await Query("number", false, Condition.In("watchers.person", BsonNull.Value)));
        Assert.Equal([assigned], await Query("openedAt", false, Condition.In("assignee.id", "ann")));
    }

    [Fact]
    public async Task A_sparse_index_answers_only_for_documents_that_have_its_field()
    {
        await Store(Ticket());
        Assert.Equal(0, await Collection.CountAsync([Condition.In("assignee.id", "ann")], default));
        await Assert.ThrowsAsync<UndeclaredIndexException>(async () =>
            await Collection.CountAsync([Condition.In("assignee.id", BsonNull.Value)], default));
    }

    [Fact]
    public async Task A_count_stops_where_it_is_told_to()
    {
        var one = await Store(Ticket("a b", "open").Add("priority", 1));
        for (var number = 0; number < 60; number++)
        {
            await Store(Ticket(number % 2 == 0 ? "a b" : "c", number % 3 == 0 ? "new" : "closed", number).Add("priority", number % 5));
        }

        foreach (var (where, all) in new (Condition[] Where, int All)[]
        {
            ([], 61), ([Condition.In("state", "closed")], 40), ([Condition.In("readers", "a", "b")], 31),
            ([Condition.In("readers", "a", "b"), Condition.In("state", "new", "closed")], 30),
            ([Condition.In("readers", "c"), Condition.In("priority", 1), Condition.Within("openedAt", At(30), true, null, false)], 3),
            ([Condition.In("readers", "z"), Condition.In("priority", 1)], 0),
        })
        {
            foreach (var most in new[] { 1, 2, 3, 10, 30, 31, 100 })
            {
                Assert.Equal(Math.Min(most, all), await Collection.CountAsync(where, default, most));
            }
        }

        Assert.True(await Collection.DeleteAsync(one, 1, default));
        Assert.Equal(30, await Collection.CountAsync([Condition.In("readers", "a", "b")], default, 31));
    }

    [Fact]
    public async Task An_index_of_what_has_all_fields_answers_for_nothing_else_and_what_it_carries_follows_the_document()
    {
        var waits = await Store(Ticket("a", openedAt: 2).Add("priority", 1).Add("late", BsonNull.Value));
        var first = await Store(Ticket("b", "open", 1).Add("priority", 2));
        var taken = await Store(Ticket("a", openedAt: 0).Add("priority", 1).Add("late", false));
        await Store(Ticket("a", openedAt: null).Add("priority", 1));
        var whenOpened = Condition.Within("openedAt", At(0), true, null, false);
        Condition[] waiting = [Condition.In("priority", 1, 2), Condition.In("late", BsonNull.Value), whenOpened];
        Assert.Equal([first, waits], await Query("openedAt", false, waiting));
        Assert.Equal([waits], await Query("openedAt", false, [.. waiting, Condition.In("readers", "a", "c")]));
        Assert.Equal(3, await Collection.CountAsync([Condition.In("priority", 1, 2), whenOpened], default));
        Assert.Equal(3, await Collection.CountAsync([Condition.In("priority", 1, 2), Condition.In("late", BsonNull.Value)], default));

        var had = (await Collection.FindAsync(waits, default))!.Value;
        Assert.True(await Collection.ReplaceAsync(Version(waits, 2, Changed(had).Set("late", true)), 1, default));
        Assert.True(await Collection.ReplaceAsync(Version(taken, 2, Ticket("c", openedAt: 3).Add("priority", 2)), 1, default));
        Assert.Equal([first, taken], await Query("openedAt", false, waiting));
        Assert.Equal(1, await Collection.CountAsync([.. waiting, Condition.In("readers", "c")], default, 5));
        Assert.Equal([taken], await Query("openedAt", false, Condition.In("tags", BsonNull.Value), Condition.In("readers", "c")));
    }

    [Fact]
    public async Task What_no_declared_index_answers_is_refused()
    {
        await Assert.ThrowsAsync<UndeclaredIndexException>(() => Query("openedAt", false, Condition.In("colour", "red")));
        await Assert.ThrowsAsync<UndeclaredIndexException>(() => Query("priority", false, Condition.In("readers", "a")));
        await Assert.ThrowsAsync<UndeclaredIndexException>(() => Query("score", false, Condition.In("readers", "a")));
        await Assert.ThrowsAsync<UndeclaredIndexException>(async () => await Collection.CountAsync([Condition.In("score", 1)], default));
    }

    [Fact]
    public async Task Groups_count_each_value_with_its_own_type()
    {
        await Store(Ticket("a b", "new", 1).Add("priority", 1));
        await Store(Ticket("a", "open", 1).Add("priority", 1));
        await Store(Ticket("b", "open", null));

        var all = Condition.In("readers", "a", "b");
        Assert.Equal(new() { ["new"] = 1, ["open"] = 2 }, await Group(all, "state"));
        Assert.Equal(new() { [At(1)] = 2, [BsonNull.Value] = 1 }, await Group(all, "openedAt"));
        Assert.Equal(new() { [1] = 2, [BsonNull.Value] = 1 }, await Group(all, "priority"));
        Assert.Equal(new() { ["a"] = 2, ["b"] = 2 }, await Group(all, "readers"));
        Assert.Equal(
            new Dictionary<BsonArray, long>
            {
                [new BsonArray { At(1), "a" }] = 2, [new BsonArray { At(1), "b" }] = 1, [new BsonArray { BsonNull.Value, "b" }] = 1,
            }, new(await Collection.GroupAsync([all], ["openedAt", "readers"], default)));

        async Task<Dictionary<BsonValue, long>> Group(Condition condition, string field) =>
            new(await Collection.GroupAsync([condition], field, default));
    }

    [Fact]
    public void The_same_name_gives_the_same_collection() => Assert.Same(Database.Collection(Tickets), Database.Collection(Tickets));

    private static BsonDocument Changed(StoredDocument document)
    {
        var fields = Fields(document).Set("state", "open");
        fields.Remove("_id");
        fields.Remove("version");
        return fields;
    }

    [Fact]
    public async Task No_more_is_read_at_once_than_the_limit_and_all_of_it_page_by_page()
    {
        for (var number = 0; number < 10; number++)
        {
            await Store(Ticket("a", openedAt: number / 4 == 1 ? null : number / 2));
        }

        var query = new DocumentQuery([Condition.In("readers", "a")], "openedAt", true, null, 3);
        foreach (var descending in new[] { true, false })
        {
            var paged = new List<Guid>();
            await foreach (var document in Collection.AllAsync(query with { Descending = descending }, default))
            {
                paged.Add(document.Id);
            }

            Assert.Equal(await Query("openedAt", descending, [.. query.Where]), paged);
            Assert.Equal(10, paged.Count);
        }

        foreach (var limit in new[] { 0, DocumentQuery.MostLimit + 1 })
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
                Collection.QueryAsync(query with { Limit = limit }, default).AsTask());
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Collection.ScanAsync(null, limit, default).AsTask());
        }
    }
}
