using Itsm.Platform.Telemetry;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Itsm.Platform.Documents.Sqlite;

/// <summary>One connection with its prepared statements; used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int KeptPerStatement = 256;

    private static readonly Sql BeginRead = new("BEGIN");
    private static readonly Sql BeginWrite = new("BEGIN IMMEDIATE");
    private static readonly Sql CommitText = new("COMMIT");
    private static readonly Sql RollbackText = new("ROLLBACK");
    private static readonly Sql Touch = new("SELECT 1 FROM sqlite_master LIMIT 1");

    /// <summary>Documents and index rows written since the last commit.</summary>
    public (int Documents, int IndexRows) Written;

    private readonly sqlite3 _connection;
    private readonly Dictionary<Sql, Stack<SqliteStatement>> _idle = [];

    static SqliteSession() => Batteries_V2.Init();

    /// <summary>Opens the file. Only the writer may create it.</summary>
    public SqliteSession(string path, bool writer)
    {
        var code = raw.sqlite3_open_v2(path, out _connection,
            raw.SQLITE_OPEN_NOMUTEX | raw.SQLITE_OPEN_READWRITE | (writer ? raw.SQLITE_OPEN_CREATE : 0), null);
        if (code != raw.SQLITE_OK)
        {
            using (_connection)
            {
                SqliteException.ThrowExceptionForRC(code, _connection);
            }
        }

        try
        {
            // One budget for the page caches of all files and connections of the process: at 128 MB a cache reuses its own pages.
            Execute("PRAGMA soft_heap_limit=134217728");

            // FULL: a commit is on the disk before its callers continue. The write-ahead log is moved into the file every 16 MB:
            // index rows land on scattered pages, and one written often is then moved once. Small pages keep each commit small.
            Execute(writer
                ? """
                  PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA cache_size=-32768;
                  PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=4000; PRAGMA journal_size_limit=134217728;
                  """
                : "PRAGMA busy_timeout=5000; PRAGMA cache_size=-4096; PRAGMA mmap_size=67108864; PRAGMA temp_store=MEMORY; PRAGMA "
                    + "query_only=ON;");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements that have no parameters and are not worth keeping.</summary>
    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(_connection, sql);
        if (code != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(code, _connection);
        }
    }

    /// <summary>A statement to use until <see cref="Return"/>; several of the same text may be out at once.</summary>
    public SqliteStatement Rent(Sql sql) =>
        _idle.TryGetValue(sql, out var idle) && idle.TryPop(out var statement) ? statement : new SqliteStatement(_connection, sql);

    /// <summary>Takes a statement back.</summary>
    public void Return(SqliteStatement statement)
    {
        statement.Reset();
        if (!_idle.TryGetValue(statement.Sql, out var idle))
        {
            _idle.Add(statement.Sql, idle = new Stack<SqliteStatement>());
        }

        if (idle.Count < KeptPerStatement)
        {
            idle.Push(statement);
        }
        else
        {
            statement.Dispose();
        }
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    public void Run(Sql sql)
    {
        var statement = Rent(sql);
        try
        {
            statement.Step();
        }
        finally
        {
            Return(statement);
        }
    }

    /// <summary>From here on all reads see one state of the file, fixed now.</summary>
    public void BeginSnapshot()
    {
        Run(BeginRead);
        Run(Touch);
    }

    /// <summary>Starts a write transaction.</summary>
    public void Begin() => Run(BeginWrite);

    /// <summary>Makes everything since <see cref="Begin"/> durable.</summary>
    public void Commit()
    {
        Run(CommitText);
        Instruments.DocumentsWritten.Add(Written.Documents);
        Instruments.IndexRowsWritten.Add(Written.IndexRows);
        Written = default;
    }

    /// <summary>Undoes everything since the begin. SQLite may have done so by itself, for example when the disk is full.</summary>
    public void Rollback()
    {
        Written = default;
        if (raw.sqlite3_get_autocommit(_connection) == 0)
        {
            Run(RollbackText);
        }
    }

    /// <summary>How many rows the last statement wrote.</summary>
    public int Changes => raw.sqlite3_changes(_connection);

    public void Dispose()
    {
        foreach (var statement in _idle.Values.SelectMany(idle => idle))
        {
            statement.Dispose();
        }

        _idle.Clear();
        _connection.Dispose();
    }
}
