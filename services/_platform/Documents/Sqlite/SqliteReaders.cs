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
        ObjectDisposedException.ThrowIf(_disposed, nameof(SqliteDatabase));
        await _free.WaitAsync(ct);
        try
        {
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
        if (_disposed)
        {
            session.Dispose();
            return;
        }

        _idle.Push(session);
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
