namespace Itsm.Platform.Documents.Sqlite;

/// <summary>A collection's tables: documents by id, and its indexes. Each write checks everything before it changes anything.</summary>
internal sealed partial class CollectionTable
{
    private readonly string _name;
    private readonly Sql _exists;
    private readonly Sql _current;
    private readonly Sql _insert;
    private readonly Sql _update;
    private readonly Sql _delete;
    private readonly byte[]? _annex;
    private readonly FieldPath[] _tested;
    private readonly HashSet<FieldPath> _recorded = [];

    public CollectionTable(CollectionDefinition definition)
    {
        _name = definition.Name;
        _annex = definition.Annex is { } annex ? System.Text.Encoding.UTF8.GetBytes(annex) : null;
        Fields = [.. definition.Indexes.SelectMany(index => index.Fields.Concat(index.Carries)).Distinct()
            .Select(name => new FieldPath(name))];
        _tested = [.. definition.Tested.Select(name => new FieldPath(name))];
        Ids = new IndexTable(_name);
        Indexes = [.. definition.Indexes.Select(index => new IndexTable(_name, index, Fields))];
        _exists = new Sql($"SELECT 1 FROM \"{_name}\" WHERE id = ?1");
        _current = new Sql($"SELECT rowid, version, body FROM \"{_name}\" WHERE id = ?1");
        _insert = new Sql($"INSERT INTO \"{_name}\" (id, version, body) VALUES (?1, ?2, ?3)");
        _update = new Sql($"UPDATE \"{_name}\" SET version = ?1, body = ?2 WHERE rowid = ?3");
        _delete = new Sql($"DELETE FROM \"{_name}\" WHERE rowid = ?1");
        Find = new Sql($"SELECT version, body FROM \"{_name}\" WHERE id = ?1");
        Scan = new Sql($"SELECT id, version, body FROM \"{_name}\" WHERE id > ?1 ORDER BY id LIMIT ?2 + 0");
        Bodies = new Sql($"SELECT body FROM \"{_name}\"");
        Count = new Sql($"SELECT count(*) FROM \"{_name}\"");
    }

    public FieldPath[] Fields { get; }

    /// <summary>Rows that are read sooner than another way to them is looked for.</summary>
    public int Few { get; init; } = 200;

    public IndexTable[] Indexes { get; }

    /// <summary>What stands at one place of an order, in that of the ids.</summary>
    public IndexTable Ids { get; }

    public Sql Find { get; }

    public Sql Scan { get; }

    public Sql Bodies { get; }

    public Sql Count { get; }

    public FieldPath Field(string name) => Array.Find(Fields, field => field.Name == name)
        ?? Array.Find(_tested, field => field.Name == name)
        ?? throw new UndeclaredIndexException($"{_name}: no index has the field {name}.");

    /// <summary>The values of a body for each field of the collection.</summary>
    public IndexValue[][] Values(ReadOnlyMemory<byte> body) => Array.ConvertAll(Fields, field => field.Read(body));

    public bool TryInsert(SqliteSession session, in StoredDocument document, IndexValue[][] values)
    {
        if (Exists(session, document.Id))
        {
            return false;
        }

        CheckUnique(session, document.Id, values);
        Run(session, _insert, document.Id, document.Version, document.Body);
        WriteIndexes(session, document.Id, null, values);
        return true;
    }

    public bool TryReplace(SqliteSession session, in StoredDocument document, long expected, IndexValue[][] values)
    {
        if (Current(session, document.Id, expected) is not var (row, _, body))
        {
            return false;
        }

        CheckUnique(session, document.Id, values);
        if (_annex is null)
        {
            Update(session, row, document.Version, document.Body.Span);
            WriteIndexes(session, document.Id, Values(body), values);
            return true;
        }

        var kept = RawBson.With(document.Body.Span, _annex, RawBson.TryFind(body, _annex, out var annex) ? annex.Value : default);
        Update(session, row, document.Version, kept);
        WriteIndexes(session, document.Id, Values(body), Values(kept));
        return true;
    }

    public bool TryAnnex(SqliteSession session, in DocumentAnnex annex)
    {
        if (Current(session, annex.Id, null) is not var (row, version, body)
            || (RawBson.TryFind(body, _annex, out var known) && VersionOf(known) >= annex.Version))
        {
            return false;
        }

        Change(session, annex.Id, row, version, body, RawBson.With(body, _annex, annex.Body.Span));
        return true;
    }

    public bool TrySet(SqliteSession session, ReadOnlySpan<byte> name, in DocumentElement element)
    {
        if (Current(session, element.Id, element.Version) is not var (row, version, body))
        {
            return false;
        }

        Change(session, element.Id, row, version, body, RawBson.With(body, name, element.Value.Span));
        return true;
    }

    /// <summary>Makes a side write.</summary>
    public void Put(SqliteSession session, in SideWrite write, IndexValue[][]? values)
    {
        if (write.Document is not { } document)
        {
            TryDelete(session, write.Id, null);
        }
        else if (Current(session, write.Id, null) is var (row, _, body))
        {
            Update(session, row, document.Version, document.Body.Span);
            WriteIndexes(session, write.Id, Values(body), values);
        }
        else
        {
            Run(session, _insert, document.Id, document.Version, document.Body);
            WriteIndexes(session, write.Id, null, values);
        }
    }

    /// <param name="session">The writer's.</param>
    /// <param name="id">Of the document.</param>
    /// <param name="expected">The version that it must have; null for any.</param>
    public bool TryDelete(SqliteSession session, Guid id, long? expected)
    {
        if (Current(session, id, expected) is not var (row, _, body))
        {
            return false;
        }

        var delete = session.Rent(_delete);
        try
        {
            delete.Bind(1, row).Step();
        }
        finally
        {
            session.Return(delete);
        }

        WriteIndexes(session, id, Values(body), null);
        return true;
    }

    /// <summary>What was written about fields may have been undone.</summary>
    public void ForgetRecorded() => _recorded.Clear();

    private static void Run(SqliteSession session, Sql sql, Guid id, long version, ReadOnlyMemory<byte> body)
    {
        var statement = session.Rent(sql);
        try
        {
            statement.Bind(1, id).Bind(2, version).Bind(3, body.Span).Step();
        }
        finally
        {
            session.Return(statement);
        }
    }

    private bool Exists(SqliteSession session, Guid id)
    {
        var statement = session.Rent(_exists);
        try
        {
            return statement.Bind(1, id).Step();
        }
        finally
        {
            session.Return(statement);
        }
    }

    private static long VersionOf(RawElement annex) =>
        RawBson.TryFind(annex.Value, "version"u8, out var version)
            ? version.Type == MongoDB.Bson.BsonType.Int32 ? version.Int32 : version.Int64
            : 0;

    private void Change(SqliteSession session, Guid id, long row, long version, byte[] before, byte[] after)
    {
        Update(session, row, version, after);
        WriteIndexes(session, id, Values(before), Values(after));
    }

    private void Update(SqliteSession session, long row, long version, ReadOnlySpan<byte> body)
    {
        var update = session.Rent(_update);
        try
        {
            update.Bind(1, version).Bind(2, body).Bind(3, row).Step();
        }
        finally
        {
            session.Return(update);
        }
    }

    /// <summary>The row of a document, where it has the version expected; null expects any.</summary>
    private (long Row, long Version, byte[] Body)? Current(SqliteSession session, Guid id, long? expected)
    {
        var statement = session.Rent(_current);
        try
        {
            return statement.Bind(1, id).Step() && (expected is null || statement.Int64(1) == expected)
                ? (statement.Int64(0), statement.Int64(1), statement.Bytes(2).ToArray())
                : null;
        }
        finally
        {
            session.Return(statement);
        }
    }

    private void CheckUnique(SqliteSession session, Guid id, IndexValue[][] values)
    {
        foreach (var index in Indexes)
        {
            index.CheckUnique(session, _name, id, values);
        }
    }

    private void WriteIndexes(SqliteSession session, Guid id, IndexValue[][]? before, IndexValue[][]? after)
    {
        if (after is not null)
        {
            RecordSeveral(session, after);
        }

        session.Written.Documents++;
        foreach (var index in Indexes)
        {
            index.Write(session, id, before, after);
        }
    }

    private void RecordSeveral(SqliteSession session, IndexValue[][] values)
    {
        for (var number = 0; number < Fields.Length; number++)
        {
            if (values[number].Length > 1 && _recorded.Add(Fields[number]))
            {
                Fields[number].Several = true;
                using var insert = session.Rent(new Sql("INSERT OR IGNORE INTO several_values (collection, field) VALUES (?1, ?2)"));
                insert.Bind(1, _name).Bind(2, Fields[number].Name).Step();
            }
        }
    }
}
