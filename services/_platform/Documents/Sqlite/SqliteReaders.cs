using System.Collections.Concurrent;

namespace Itsm.Platform.Documents.Sqlite;

/// <summary>A few connections that only read, opened when needed. A read takes microseconds, so it runs where it is asked for.</summary>
internal sealed class SqliteReaders(string path) : IDisposable
{
    private const int Most = 4;

    private readonly SemaphoreSlim _free = new(Most);
    private readonly ConcurrentStack<SqliteSession> _idle = new();
    private volatile bool _disposed;

    public async ValueTask<SqliteSession> RentAsync(CancellationToken ct)
    {
        await _free.WaitAsync(ct);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(SqliteDatabase));
            return _idle.TryPop(out var session) ? session : new SqliteSession(path, writer: false);
        }
        catch
        {
            _free.Release();
            throw;
        }
    }

    public void Return(SqliteSession session)
    {
        _idle.Push(session);
        if (_disposed)
        {
            Dispose();
        }

        _free.Release();
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryPop(out var session))
        {
            session.Dispose();
        }
    }
}
