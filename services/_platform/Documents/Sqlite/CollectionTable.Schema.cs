namespace Itsm.Platform.Documents.Sqlite;

/// <summary>Brings the tables to what the definition says.</summary>
internal sealed partial class CollectionTable
{
    private const int DocumentsPerSlice = 500;

    private volatile IndexTable[] _unfilled = [];

    /// <summary>The indexes that have all documents.</summary>
    public IEnumerable<IndexTable> Whole => _unfilled is { Length: > 0 } some ? Indexes.Except(some) : Indexes;

    /// <summary>Makes the tables that are missing, and drops the indexes no longer declared.</summary>
    /// <returns>True where indexes are to be filled: all rows that writes make from now on are in them, older ones may be missing.</returns>
    public bool Prepare(SqliteSession session)
    {
        session.Execute($"""
            CREATE TABLE IF NOT EXISTS "{_name}" (id BLOB NOT NULL PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL);
            CREATE TABLE IF NOT EXISTS "several_values" (collection TEXT, field TEXT, PRIMARY KEY (collection, field)) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS "unfilled_indexes" (name TEXT PRIMARY KEY) WITHOUT ROWID;
            """);
        var several = Names(session, "SELECT field FROM several_values WHERE collection = ?1", _name);
        var present = Names(session, "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, length(?1)) = ?1",
            IndexTable.Prefix(_name));
        foreach (var gone in present.Except(Indexes.Select(index => index.Table)))
        {
            session.Execute($"DROP TABLE \"{gone}\"");
            Mark(session, "DELETE FROM unfilled_indexes WHERE name = ?1", gone);
        }

        foreach (var field in Fields)
        {
            field.Several |= several.Contains(field.Name);
        }

        foreach (var index in Indexes.Where(index => !present.Contains(index.Table)))
        {
            session.Execute($"CREATE TABLE \"{index.Table}\" ({index.Columns}, id BLOB{index.Rest}, PRIMARY KEY ({index.Columns}, id)) "
                + "WITHOUT ROWID");
            Mark(session, "INSERT INTO unfilled_indexes (name) VALUES (?1)", index.Table);
        }

        var unfilled = Names(session, "SELECT name FROM unfilled_indexes WHERE substr(name, 1, length(?1)) = ?1", IndexTable.Prefix(_name));
        _unfilled = Array.FindAll(Indexes, index => unfilled.Contains(index.Table));

        if (_unfilled.Length > 0 && IsEmpty(session))
        {
            Fill(session, null);
            _unfilled = [];
        }

        return _unfilled.Length > 0;
    }

    /// <summary>Writes the rows of the next documents, in the order of their ids, into the unfilled indexes.</summary>
    /// <returns>The last of them; null where the indexes are whole now.</returns>
    /// <exception cref="InvalidOperationException">Two documents have the same value of a unique index.</exception>
    public Guid? Fill(SqliteSession session, Guid? after)
    {
        var (last, count) = (after, 0);
        using (var page = session.Rent(Scan))
        {
            page.Bind(1, after is { } id ? id.ToByteArray(bigEndian: true) : []).Bind(2, DocumentsPerSlice);
            for (; page.Step(); count++)
            {
                last = page.Guid(0);
                Fill(session, page.Guid(0), Values(page.Bytes(2).ToArray()));
            }
        }

        if (count == DocumentsPerSlice)
        {
            return last;
        }

        foreach (var index in _unfilled)
        {
            Mark(session, "DELETE FROM unfilled_indexes WHERE name = ?1", index.Table);
        }

        return null;
    }

    /// <summary>All indexes are whole from now on.</summary>
    public void EndFill() => _unfilled = [];

    private bool IsEmpty(SqliteSession session)
    {
        using var first = session.Rent(Scan);
        return !first.Bind(1, []).Bind(2, 1).Step();
    }

    private void Fill(SqliteSession session, Guid id, IndexValue[][] values)
    {
        RecordSeveral(session, values);
        foreach (var index in _unfilled)
        {
            try
            {
                index.CheckUnique(session, _name, id, values);
            }
            catch (DuplicateKeyException duplicate)
            {
                throw new InvalidOperationException($"{_name}: the new unique index of {string.Join(", ", index.Definition.Fields)} does "
                    + $"not fit the documents that are there: {id} has the values of another one.", duplicate);
            }

            index.Fill(session, id, values);
        }
    }

    private static HashSet<string> Names(SqliteSession session, string sql, string parameter)
    {
        using var statement = session.Rent(new Sql(sql));
        statement.Bind(1, parameter);
        var names = new HashSet<string>();
        while (statement.Step())
        {
            names.Add(statement.Text(0));
        }

        return names;
    }

    private static void Mark(SqliteSession session, string sql, string index)
    {
        using var statement = session.Rent(new Sql(sql));
        statement.Bind(1, index).Step();
    }
}
