namespace Itsm.Platform.Documents.Sqlite;

/// <summary>Brings the tables to what the definition says.</summary>
internal sealed partial class CollectionTable
{
    /// <summary>Makes the tables that are missing, fills new indexes, and drops those no longer declared.</summary>
    public bool Prepare(SqliteSession session)
    {
        session.Execute($"""
            CREATE TABLE IF NOT EXISTS "{_name}" (id BLOB NOT NULL PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL);
            CREATE TABLE IF NOT EXISTS "several_values" (collection TEXT, field TEXT, PRIMARY KEY (collection, field)) WITHOUT ROWID;
            """);
        var several = Names(session, "SELECT field FROM several_values WHERE collection = ?1", _name);
        var present = Names(session, "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, length(?1)) = ?1",
            IndexTable.Prefix(_name));
        foreach (var gone in present.Except(Indexes.Select(index => index.Table)))
        {
            session.Execute($"DROP TABLE \"{gone}\"");
        }

        foreach (var field in Fields)
        {
            field.Several |= several.Contains(field.Name);
        }

        var added = Array.FindAll(Indexes, index => !present.Contains(index.Table));
        foreach (var index in added)
        {
            session.Execute($"CREATE TABLE \"{index.Table}\" ({index.Columns}, id BLOB, PRIMARY KEY ({index.Columns}, id)) WITHOUT ROWID");
        }

        if (added.Length > 0)
        {
            Fill(session, added);
        }

        return true;
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

    private void Fill(SqliteSession session, IndexTable[] added)
    {
        using var all = session.Rent(new Sql($"SELECT id, body FROM \"{_name}\""));
        while (all.Step())
        {
            var (id, values) = (all.Guid(0), Values(all.Bytes(1).ToArray()));
            RecordSeveral(session, values);
            foreach (var index in added)
            {
                try
                {
                    index.CheckUnique(session, _name, id, values);
                }
                catch (DuplicateKeyException duplicate)
                {
                    throw new InvalidOperationException(
                        $"{_name}: a new unique index does not fit the documents that are there.", duplicate);
                }

                index.Write(session, id, null, values);
            }
        }
    }
}
