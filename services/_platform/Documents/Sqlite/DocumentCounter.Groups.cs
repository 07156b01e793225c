using MongoDB.Bson;

namespace Itsm.Platform.Documents.Sqlite;

/// <content>Counts by the values of one or two fields.</content>
internal static partial class DocumentCounter
{
    /// <summary>How many fields are counted by at most.</summary>
    public const int MostFields = 2;

    private static readonly IndexValue[] None = [IndexValue.Null];

    /// <param name="session">Reads.</param>
    /// <param name="table">The collection.</param>
    /// <param name="plan">Leaves least to the bodies.</param>
    /// <param name="grouped">For each field a plan whose index has it; null where there is none.</param>
    /// <param name="fields">One or two.</param>
    /// <param name="ct">Ends the wait.</param>
    public static IReadOnlyDictionary<BsonArray, long> Group(
        SqliteSession session, CollectionTable table, CountPlan plan, CountPlan?[] grouped, FieldPath[] fields, CancellationToken ct)
    {
        var groups = new Dictionary<(IndexValue First, IndexValue Second), (BsonArray? Key, Guid Sample, long Count)>();
        var second = fields.ElementAtOrDefault(1);
        if (plan.Index is null)
        {
            ForEach(session, table.Bodies, [], plan, row => AddBody(default, row.Bytes(0)), ct);
        }
        else if (second is null && Gives(plan, fields[0]) && plan.Residual.Length == 0)
        {
            AddRows(plan, default);
        }
        else if (HasMany(session, table, plan, ct) is var many && many
            && fields.Zip(grouped).All(one => one.Second is not null && Gives(one.Second, one.First))
            && Rest.Of(session, table, grouped[0]!.Residual, true, ct) is { Tests.Length: 0 } rest)
        {
            AddRows(grouped[0]!, rest);
        }
        else
        {
            ForEachDocument(session, table, plan, Rest.Of(session, table, plan.Open, many, ct), AddBody, true, ct);
        }

        return groups.ToDictionary(group => group.Value.Key ?? Original(session, table, fields, group.Key, group.Value.Sample), group =>
            group.Value.Count);

        void AddRows(CountPlan from, Rest rest)
        {
            var (number, repeats) = (NumberIn(from, fields[0]), from.Repeats(except: fields[0]));
            if (second is null && rest.Ids is null && !repeats)
            {
                ForEachRange(session, from, $"k{number}, count(*), min(id) GROUP BY k{number}",
                    row => Add((row.Value(0), IndexValue.Null), row.Guid(2), row.Int64(1)), ct);
                return;
            }

            var others = second is null ? null : ValuesById(session, grouped[1]!, second, ct);
            var seen = repeats ? new HashSet<(IndexValue, Guid)>() : null;
            ForEachRange(session, from, $"k{number}, id", row =>
            {
                var (value, id) = (row.Value(0), row.Guid(1));
                if (rest.Has(id) && seen?.Add((value, id)) != false)
                {
                    foreach (var other in others is null ? None : others.GetValueOrDefault(id, []))
                    {
                        Add((value, other), id, 1);
                    }
                }
            }, ct);
        }

        void Add((IndexValue, IndexValue) values, Guid sample, long count) =>
            groups[values] = groups.TryGetValue(values, out var group) ? group with { Count = group.Count + count } : (null, sample, count);

        void AddBody(Guid id, ReadOnlySpan<byte> body)
        {
            byte[] copy = body.ToArray();
            foreach (var value in fields[0].Read(copy))
            {
                foreach (var other in second is null ? None : second.Read(copy))
                {
                    groups.TryGetValue((value, other), out var group);
                    groups[(value, other)] = (group.Key ?? Original(copy, fields, (value, other)), id, group.Count + 1);
                }
            }
        }
    }

    // An index whose rows are bound to some of several values does not have the others.
    private static bool Gives(CountPlan plan, FieldPath field) => NumberIn(plan, field) is >= 0 and var number
        && !(field.Several && number < plan.Equal.Length + (plan.Interval is null ? 0 : 1));

    private static int NumberIn(CountPlan plan, FieldPath field) => Array.IndexOf(plan.Index!.Fields, field);

    /// <summary>The values of a field, of each document in the rows of a plan.</summary>
    private static Dictionary<Guid, IndexValue[]> ValuesById(
        SqliteSession session, CountPlan plan, FieldPath field, CancellationToken ct)
    {
        var values = new Dictionary<Guid, IndexValue[]>();
        ForEachRange(session, plan, $"k{NumberIn(plan, field)}, id", row =>
        {
            var (value, id) = (row.Value(0), row.Guid(1));
            var known = values.GetValueOrDefault(id, []);
            values[id] = known.Contains(value) ? known : [.. known, value];
        }, ct);
        return values;
    }

    // An index table does not tell a date from a number; a document that has the value does.
    private static BsonArray Original(
        SqliteSession session, CollectionTable table, FieldPath[] fields, (IndexValue, IndexValue) values, Guid sample)
    {
        var find = session.Rent(table.Find);
        try
        {
            find.Bind(1, sample).Step();
            return Original(find.Bytes(1), fields, values);
        }
        finally
        {
            session.Return(find);
        }
    }

    private static BsonArray Original(ReadOnlySpan<byte> body, FieldPath[] fields, (IndexValue First, IndexValue Second) values)
    {
        var originals = new BsonArray { fields[0].Original(body, values.First) };
        return fields.Length == 1 ? originals : originals.Add(fields[1].Original(body, values.Second));
    }
}
