using System.Collections.Concurrent;
using MongoDB.Bson;

namespace Itsm.Platform.Documents.Sqlite;

/// <summary>A declared index: a table of its own with a row for each combination of a document's values, ended by the id.</summary>
internal sealed class IndexTable
{
    private readonly Sql _insert;
    private readonly Sql _fill;
    private readonly Sql _delete;
    private readonly Sql _owner;
    private readonly IndexValue? _only;
    private readonly IReadOnlyList<FieldPath> _fields;
    private readonly int[] _needed;
    private readonly int[] _carried;
    private readonly ConcurrentDictionary<(int Equal, int Bounds, string Columns), Sql> _selects = new();

    public IndexTable(string collection, IndexDefinition definition, IReadOnlyList<FieldPath> fields)
    {
        (Definition, Fields) = (definition, [.. definition.Fields.Select(name => fields.First(field => field.Name == name))]);
        Numbers = [.. Fields.Select(field => fields.ToList().IndexOf(field))];
        _only = definition.Only is { } only ? IndexValue.Of(only) : null;
        _fields = fields;
        _needed = [.. definition.Needed.Select(NumberOf)];
        _carried = [.. definition.Carries.Select(NumberOf)];
        Carried = [.. _carried.Select(number => fields[number])];
        var kind = definition.Unique ? "_unique" : definition.Sparse ? "_sparse" : definition.Complete ? "_complete"
            : _only is null ? "" : $"_only_{definition.Only}";
        Table = $"{Prefix(collection)}{string.Join(',', definition.Fields)}{kind}"
            + (_carried.Length == 0 ? "" : $"_with_{string.Join(',', definition.Carries)}");
        Columns = string.Join(", ", Fields.Select((_, number) => $"k{number}"));
        var all = string.Join(" AND ", Fields.Select((_, number) => $"k{number} = ?{number + 1}"));
        var row = $"INTO \"{Table}\" ({Columns}, id{Rest}) VALUES ({string.Join(", ", Fields.Select((_, number) => $"?{number + 1}"))}, "
            + $"?{Fields.Length + 1}{(_carried.Length == 0 ? "" : $", ?{Fields.Length + 2}")})";
        (_insert, _fill) = (new Sql("INSERT " + row), new Sql("INSERT OR IGNORE " + row));
        _delete = new Sql($"DELETE FROM \"{Table}\" WHERE {all} AND id = ?{Fields.Length + 1}");
        _owner = new Sql($"SELECT id FROM \"{Table}\" WHERE {all} LIMIT 2");
        (Ascending, Descending) = (Scan("ASC"), Scan("DESC"));

        int NumberOf(string name) => fields.ToList().FindIndex(field => field.Name == name);
    }

    /// <summary>The ids of all documents, as an index that has no fields and stands at one place of the order.</summary>
    public IndexTable(string collection)
    {
        (Definition, Fields, Numbers, Table, Columns) = (new IndexDefinition(), [], [], collection, "");
        (_insert, _fill, _delete, _owner) = (new Sql(""), new Sql(""), new Sql(""), new Sql(""));
        (_fields, _needed, _carried, Carried) = ([], [], [], []);
        (Ascending, Descending) = (Ids("ASC"), Ids("DESC"));

        Sql Ids(string direction) =>
            new($"SELECT ?1, id FROM \"{collection}\" WHERE id > ?2 AND id < ?4 AND ?1 = ?3 ORDER BY id {direction}");
    }

    public IndexDefinition Definition { get; }

    public FieldPath[] Fields { get; }

    /// <summary>Where each field stands among the fields of the collection.</summary>
    public int[] Numbers { get; }

    public string Table { get; }

    public string Columns { get; }

    /// <summary>What comes after the columns and the id.</summary>
    public string Rest => _carried.Length == 0 ? "" : ", carried";

    /// <summary>The fields whose values the rows carry: a body of those alone.</summary>
    public FieldPath[] Carried { get; }

    /// <summary>Lacks some documents.</summary>
    public bool LeavesOut => _needed.Length > 0 || _only is not null;

    /// <summary>True where it leaves out none of the documents that pass these tests.</summary>
    public bool Holds(FieldTest[] tests) =>
        (_only is not { } only || Array.Exists(tests, test => test.Field == Fields[0] && test.Values is [var value] && value.Equals(only)))
        && Array.TrueForAll(_needed, number => Array.Exists(tests, test => test.Field == _fields[number] && !test.AllowsMissing));

    /// <summary>True where its rows answer the test.</summary>
    public bool Carries(FieldTest test) => Array.IndexOf(Carried, test.Field) >= 0;

    /// <summary>True where what a row carries passes the tests.</summary>
    public static bool Passes(FieldTest[] tests, ReadOnlySpan<byte> carried)
    {
        foreach (var test in tests)
        {
            if (!test.Field.Any(carried, test))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The rows of one prefix between two places, in order.</summary>
    public Sql Ascending { get; }

    /// <summary>The same backwards.</summary>
    public Sql Descending { get; }

    public static string Prefix(string collection) => $"ix_{collection}_";

    /// <summary>In place of columns: how many rows there are, at most as many as the parameter after those of the bounds.</summary>
    public const string Some = "some";

    /// <summary>Columns of the rows whose first fields equal parameters and whose next field lies within bounds (1: has a lower one, 2: it
    /// is included; 4 and 8: the same of the upper one).</summary>
    public Sql Select(int equal, int bounds, string columns) => _selects.GetOrAdd((equal, bounds, columns), key =>
    {
        var terms = Enumerable.Range(0, key.Equal).Select(number => $"k{number} = ?{number + 1}").ToList();
        if ((key.Bounds & 1) != 0)
        {
            terms.Add($"k{key.Equal} {((key.Bounds & 2) != 0 ? ">=" : ">")} ?{key.Equal + 1}");
        }

        if ((key.Bounds & 4) != 0)
        {
            terms.Add($"k{key.Equal} {((key.Bounds & 8) != 0 ? "<=" : "<")} ?{key.Equal + 2}");
        }

        var (select, group) = key.Columns.Split(" GROUP ") is [var first, var second] ? (first, $" GROUP {second}") : (key.Columns, "");
        var rows = $"FROM \"{Table}\"{(terms.Count == 0 ? "" : " WHERE ")}{string.Join(" AND ", terms)}";

        // A limit that is a parameter alone is compiled into the statement, which each new value would have compiled anew.
        return new Sql(key.Columns == Some
            ? $"SELECT count(*) FROM (SELECT 1 {rows} LIMIT ?{key.Equal + 3} + 0)"
            : $"SELECT {select} {rows}{group}");
    });

    /// <summary>Throws where a value of a unique index belongs to another document.</summary>
    public void CheckUnique(SqliteSession session, string collection, Guid id, IndexValue[][] values)
    {
        if (!Definition.Unique || IsLeftOut(values))
        {
            return;
        }

        ForEachRow(session, _owner, values, null, statement =>
        {
            if (statement.Step() && statement.Guid(0) != id)
            {
                throw DuplicateKeyException.Of(collection, Definition);
            }
        });
    }

    /// <summary>Replaces the rows of the values before by those of the values after; rows in both stay untouched.</summary>
    public void Write(SqliteSession session, Guid id, IndexValue[][]? before, IndexValue[][]? after)
    {
        before = before is null || IsLeftOut(before) ? null : before;
        after = after is null || IsLeftOut(after) ? null : after;
        var isKept = before is not null && after is not null && Array.TrueForAll(_carried, AreSame);
        if (isKept && Array.TrueForAll(Numbers, AreSame))
        {
            return;
        }

        if (before is not null)
        {
            ForEachRow(session, _delete, before, isKept ? after : null, statement => Step(session, statement, id));
        }

        if (after is not null)
        {
            var carried = Pack(after);
            ForEachRow(session, _insert, after, isKept ? before : null, statement => Step(session, Carrying(statement, carried), id));
        }

        bool AreSame(int number) => before![number].AsSpan().SequenceEqual(after![number]);
    }

    /// <summary>Writes the rows of a document, of which a write may have made some already.</summary>
    public void Fill(SqliteSession session, Guid id, IndexValue[][] values)
    {
        if (!IsLeftOut(values))
        {
            var carried = Pack(values);
            ForEachRow(session, _fill, values, null, statement => Step(session, Carrying(statement, carried), id));
        }
    }

    private void Step(SqliteSession session, SqliteStatement statement, Guid id)
    {
        session.Written.IndexRows++;
        statement.Bind(Fields.Length + 1, id).Step();
    }

    private SqliteStatement Carrying(SqliteStatement statement, byte[]? carried) =>
        carried is null ? statement : statement.Bind(Fields.Length + 2, carried);

    private byte[]? Pack(IndexValue[][] values) => _carried.Length == 0 ? null
        : new BsonDocument(_carried.Select((number, index) => new BsonElement(Carried[index].Name,
            new BsonArray(values[number].Where(value => !value.IsNull).Select(value => value.ToBson()))))).ToBson();

    private bool IsLeftOut(IndexValue[][] values) =>
        (_only is { } only && values[Numbers[0]] is [var first] && !first.Equals(only))
        || Array.Exists(_needed, number => values[number] is [var needed] && needed.IsNull);

    private void ForEachRow(SqliteSession session, Sql sql, IndexValue[][] values, IndexValue[][]? except, Action<SqliteStatement> audit)
    {
        Span<int> at = stackalloc int[Numbers.Length];
        at.Clear();
        var statement = session.Rent(sql);
        try
        {
            int field;
            do
            {
                if (except is null || !Contains(except, values, at))
                {
                    for (var number = 0; number < at.Length; number++)
                    {
                        statement.Bind(number + 1, values[Numbers[number]][at[number]]);
                    }

                    audit(statement);
                    statement.Reset();
                }

                for (field = at.Length - 1; field >= 0 && ++at[field] == values[Numbers[field]].Length; field--)
                {
                    at[field] = 0;
                }
            }
            while (field >= 0);
        }
        finally
        {
            session.Return(statement);
        }
    }

    // All combinations of the values have a row, so a row is there if each of its values is.
    private bool Contains(IndexValue[][] rows, IndexValue[][] values, ReadOnlySpan<int> at)
    {
        for (var number = 0; number < at.Length; number++)
        {
            if (Array.IndexOf(rows[Numbers[number]], values[Numbers[number]][at[number]]) < 0)
            {
                return false;
            }
        }

        return true;
    }

    private Sql Scan(string direction)
    {
        var last = Fields.Length - 1;
        var prefix = string.Concat(Enumerable.Range(0, last).Select(number => $"k{number} = ?{number + 1} AND "));
        return new Sql($"SELECT k{last}, id{Rest} FROM \"{Table}\" WHERE {prefix}(k{last}, id) > (?{last + 1}, ?{last + 2}) AND "
            + $"(k{last}, id) < (?{last + 3}, ?{last + 4}) ORDER BY k{last} {direction}, id {direction}");
    }
}
