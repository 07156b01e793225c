using CsCheck;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Tests;

public abstract partial class DocumentContract
{
    private const int Cases = 400;

    private static readonly Gen<BsonValue> Minute = Gen.Int[0, 6].Select(minute => minute == 0 ? (BsonValue)BsonNull.Value : At(minute));
    private static readonly Gen<BsonValue> Priority = Gen.Int[0, 3].Select(number => number == 0 ? (BsonValue)BsonNull.Value : number);
    private static readonly Gen<BsonValue> Token = Gen.Int[0, 4].Select(number => (BsonValue)new[] { "a", "b", "c", "d", "é" }[number]);
    private static readonly Gen<BsonValue> Late = Gen.Int[0, 5].Select(number => number switch
    {
        0 => (BsonValue)true, 1 => BsonNull.Value, _ => false,
    });

    private static readonly Gen<BsonValue> State = Gen.Int[0, 2].Select(number => States["state"][number]);

    private static readonly Gen<BsonDocument> RandomTicket = Gen.Select(Token.Array[0, 4], State, Minute, Priority, Token.Array[0, 3],
        Token.Array[0, 2], Late,
        (readers, state, openedAt, priority, tags, watchers, late) => new BsonDocument
        {
            ["late"] = late,
            ["readers"] = new BsonArray(readers),
            ["state"] = state,
            ["openedAt"] = openedAt,
            ["priority"] = priority,
            ["score"] = priority,
            ["tags"] = new BsonArray(tags),
            ["watchers"] = new BsonArray(watchers.Select(person => new BsonDocument("person", person))),
        });

    private static readonly Gen<Condition> RandomCondition = Gen.OneOf(
        Token.Array[1, 3].Select(values => Condition.In("readers", values)),
        Token.Array[1, 2].Select(values => Condition.In("tags", values)),
        Token.Array[1, 2].Select(values => Condition.In("watchers.person", values)),
        State.Array[1, 2].Select(values => Condition.In("state", values)),
        Minute.Array[1, 3].Select(values => Condition.In("openedAt", values)),
        Priority.Array[1, 2].Select(values => Condition.In("priority", values)),
        Late.Array[1, 2].Select(values => Condition.In("late", values)),
        Gen.Select(Minute, Gen.Bool, Minute, Gen.Bool, (from, fromIncluded, to, toIncluded) =>
            Condition.Within("openedAt", from.IsBsonNull ? null : from, fromIncluded, to.IsBsonNull ? null : to, toIncluded)),
        Gen.Select(Token, Gen.Bool, (from, included) => Condition.Within("tags", from, included, null, false)));

    private static readonly Gen<(Condition[] Where, bool Descending, int Limit)> RandomQuery =
        Gen.Select(RandomCondition.Array[1, 3], Gen.Bool, Gen.Int[1, 9]);

    [Fact]
    public async Task Random_queries_counts_and_groups_agree_with_a_plain_list()
    {
        var tickets = new List<(Guid Id, BsonDocument Fields)>();
        await Gen.Select(RandomTicket.Array[20, 20], RandomQuery.Array[Cases / 20, Cases / 20]).SampleAsync(async round =>
        {
            var documents = round.Item1.Select(Document).ToList();
            await Collection.InsertMissingAsync(documents, default);
            tickets.AddRange(documents.Zip(round.Item1, (document, fields) => (document.Id, fields)));
            var changed = tickets[tickets.Count / 2];
            var current = (await Collection.FindAsync(changed.Id, default))!.Value;
            Assert.True(await Collection.ReplaceAsync(Version(changed.Id, current.Version + 1, round.Item1[0]), current.Version, default));
            tickets[tickets.Count / 2] = (changed.Id, round.Item1[0]);
            foreach (var (where, descending, limit) in round.Item2)
            {
                await Agree(tickets, where, descending, limit);
            }
        }, iter: 20, threads: 1);
    }

    private async Task Agree(List<(Guid Id, BsonDocument Fields)> tickets, Condition[] where, bool descending, int limit)
    {
        var matching = tickets.Where(ticket => where.All(condition => Holds(ticket.Fields, condition))).ToList();
        var ordered = matching.OrderBy(ticket => ticket.Fields["openedAt"]).ThenBy(ticket => ticket.Id).Select(ticket => ticket.Id).ToList();
        if (descending)
        {
            ordered.Reverse();
        }

        var (found, after) = (new List<Guid>(), (DocumentPosition?)null);
        while (found.Count < ordered.Count)
        {
            var page = await Collection.QueryAsync(new DocumentQuery(where, "openedAt", descending, after, limit), default);
            Assert.Equal(Math.Min(limit, ordered.Count - found.Count), page.Count);
            found.AddRange(page.Select(document => document.Id));
            after = new DocumentPosition(Fields(page[^1])["openedAt"], page[^1].Id);
        }

        Assert.Equal(ordered, found);
        if (where.Any(condition => condition is not { Field: "tags" or "late" }))
        {
            Assert.Equal(ordered.Count, await Collection.CountAsync(where, default));
            Assert.Equal(Math.Min(ordered.Count, limit), await Collection.CountAsync(where, default, limit));
            foreach (var field in new[] { "state", "tags", "openedAt", "watchers.person" })
            {
                var groups = matching.SelectMany(ticket => Values(ticket.Fields, field)).GroupBy(value => value)
                    .ToDictionary(group => group.Key, group => group.LongCount());
                Assert.Equal(groups, new Dictionary<BsonValue, long>(await Collection.GroupAsync(where, field, default)));
            }

            foreach (var (one, other) in new[]
            {
                ("state", "priority"), ("priority", "tags"), ("tags", "watchers.person"), ("late", "score"),
            })
            {
                var groups = matching.SelectMany(ticket => Values(ticket.Fields, one).SelectMany(value =>
                    Values(ticket.Fields, other).Select(another => new BsonArray { value, another }))).CountBy(pair => pair)
                    .ToDictionary(group => group.Key, group => (long)group.Value);
                Assert.Equal(groups, new Dictionary<BsonArray, long>(await Collection.GroupAsync(where, [one, other], default)));
            }
        }
    }

    private static bool Holds(BsonDocument ticket, Condition condition) => Values(ticket, condition.Field).Any(value => condition switch
    {
        InCondition some => some.Values.Contains(value),
        RangeCondition range => !value.IsBsonNull
            && (range.From is null || value.CompareTo(range.From) is var low && (low > 0 || (low == 0 && range.FromIncluded)))
            && (range.To is null || value.CompareTo(range.To) is var high && (high < 0 || (high == 0 && range.ToIncluded))),
        _ => false,
    });

    private static IEnumerable<BsonValue> Values(BsonDocument ticket, string field)
    {
        var values = field == "watchers.person"
            ? ticket["watchers"].AsBsonArray.Select(watcher => watcher["person"])
            : ticket[field] is BsonArray several ? several : (IEnumerable<BsonValue>)[ticket[field]];
        return values.Distinct().DefaultIfEmpty(BsonNull.Value);
    }
}
