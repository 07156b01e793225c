using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Itsm.Platform.Documents.Sqlite;

/// <summary>The text of a statement; the object itself is the key of the statement caches, which spares hashing the text.</summary>
internal sealed class Sql(string text)
{
    public string Text { get; } = text;
}

/// <summary>A prepared statement. Used without ADO.NET's command and reader, whose objects cost more than the row they fetch.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(sqlite3 connection, Sql sql)
    {
        (_connection, Sql) = (connection, sql);
        Check(raw.sqlite3_prepare_v3(connection, sql.Text, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    public Sql Sql { get; }

    public SqliteStatement Bind(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return Bind(parameter, bytes);
    }

    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_blob(_statement, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, string value)
    {
        Check(raw.sqlite3_bind_text(_statement, parameter, value));
        return this;
    }

    public SqliteStatement Bind(int parameter, in IndexValue value)
    {
        var bytes = value.Bytes.Span;
        Check(value.Kind switch
        {
            ValueKind.Integer => raw.sqlite3_bind_int64(_statement, parameter, value.Integer),
            ValueKind.Real => raw.sqlite3_bind_double(_statement, parameter, value.Real),
            ValueKind.Text when bytes.IsEmpty => raw.sqlite3_bind_text(_statement, parameter, string.Empty),
            ValueKind.Text => raw.sqlite3_bind_text(_statement, parameter, bytes),
            _ when bytes.IsEmpty => raw.sqlite3_bind_zeroblob(_statement, parameter, 0),
            _ => raw.sqlite3_bind_blob(_statement, parameter, bytes),
        });
        return this;
    }

    /// <summary>Goes to the next row; false where there is none.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        if (code != raw.SQLITE_DONE)
        {
            raw.sqlite3_reset(_statement);
            Check(code);
        }

        return false;
    }

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public Guid Guid(int column) => new(Bytes(column), bigEndian: true);

    /// <summary>The bytes of a column; gone with the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public IndexValue Value(int column) => raw.sqlite3_column_type(_statement, column) switch
    {
        raw.SQLITE_INTEGER => IndexValue.Of(Int64(column)),
        raw.SQLITE_FLOAT => IndexValue.Of(raw.sqlite3_column_double(_statement, column)),
        raw.SQLITE_TEXT => IndexValue.Of(ValueKind.Text, Bytes(column).ToArray()),
        _ => IndexValue.Of(ValueKind.Blob, Bytes(column).ToArray()),
    };

    public void Reset() => raw.sqlite3_reset(_statement);

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(code, _connection);
        }
    }
}
