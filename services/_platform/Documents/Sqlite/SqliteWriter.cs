using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Documents.Sqlite;

/// <summary>The only one who writes: a thread that commits as many waiting operations at once as there are, so that they share one flush to
/// the disk.</summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int MostPerCommit = 256;

    /// <summary>What works in the background takes part of a commit only: who waits for an answer waits for little of it.</summary>
    private const int MostOfBackground = 64;

    private readonly SqliteSession _session;
    private readonly ILogger _logger;
    private readonly Action _undone;
    private readonly Func<bool> _isBackground;
    private readonly object _gate = new();
    private readonly Queue<WriteOperation> _requests = new();
    private readonly Queue<WriteOperation> _background = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _closed;

    /// <param name="path">The file.</param>
    /// <param name="logger">Gets failed commits.</param>
    /// <param name="undone">Called on the writer's thread whenever a transaction was undone.</param>
    /// <param name="isBackground">Asked on the caller's thread: true where nobody waits for an answer.</param>
    public SqliteWriter(string path, ILogger logger, Action undone, Func<bool> isBackground)
    {
        (_session, _logger, _undone, _isBackground) = (new SqliteSession(path, writer: true), logger, undone, isBackground);
        new Thread(Work) { IsBackground = true, Name = "sqlite-writer" }.Start();
    }

    /// <summary>Does the work in a transaction; the task completes when its result is durable. Cancelling works until it has
    /// begun.</summary>
    public Task<T> RunAsync<T>(Func<SqliteSession, T> work, CancellationToken ct)
    {
        var operation = new WriteOperation<T>(work, ct);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(SqliteDatabase));
            (_isBackground() ? _background : _requests).Enqueue(operation);
            Monitor.Pulse(_gate);
        }

        return operation.Task;
    }

    /// <summary>Does what is queued, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }

        await _ended.Task;
    }

    private void Work()
    {
        var batch = new List<WriteOperation>(MostPerCommit);
        while (Take(batch))
        {
            batch.RemoveAll(operation => operation.IsDropped());
            if (TryCommit(batch) is { } failure)
            {
                _logger.LogWarning(failure, "A commit of {Count} writes failed; they are done one by one.", batch.Count);
                batch.ForEach(CommitAlone);
            }

            batch.Clear();
        }

        _session.Dispose();
        _ended.SetResult();
    }

    /// <summary>Waits for work; false where none comes any more.</summary>
    private bool Take(List<WriteOperation> batch)
    {
        lock (_gate)
        {
            while (_requests.Count + _background.Count == 0 && !_closed)
            {
                Monitor.Wait(_gate);
            }

            while (batch.Count < MostPerCommit && _requests.TryDequeue(out var request))
            {
                batch.Add(request);
            }

            for (var some = 0; some < MostOfBackground && _background.TryDequeue(out var other); some++)
            {
                batch.Add(other);
            }

            return batch.Count > 0;
        }
    }

    private void CommitAlone(WriteOperation operation)
    {
        if (TryCommit([operation]) is { } failure)
        {
            operation.Fail(failure);
        }
    }

    private Exception? TryCommit(List<WriteOperation> operations)
    {
        if (operations.Count == 0)
        {
            return null;
        }

        try
        {
            _session.Begin();
            operations.ForEach(operation => operation.Apply(_session));
            _session.Commit();
        }
        catch (Exception failure)
        {
            Undo();
            return failure;
        }

        operations.ForEach(operation => operation.Complete());
        return null;
    }

    private void Undo()
    {
        try
        {
            _undone();
            _session.Rollback();
        }
        catch (Exception failure)
        {
            _logger.LogError(failure, "A failed commit could not be undone.");
        }
    }

    private abstract class WriteOperation
    {
        public abstract bool IsDropped();

        public abstract void Apply(SqliteSession session);

        public abstract void Complete();

        public abstract void Fail(Exception failure);
    }

    private sealed class WriteOperation<T>(Func<SqliteSession, T> work, CancellationToken ct) : WriteOperation
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;
        private DuplicateKeyException? _refusal;

        public Task<T> Task => _completion.Task;

        public override bool IsDropped() => ct.IsCancellationRequested && _completion.TrySetCanceled(ct);

        public override void Apply(SqliteSession session)
        {
            _refusal = null;
            try
            {
                _result = work(session);
            }
            catch (DuplicateKeyException refusal)
            {
                _refusal = refusal;
            }
        }

        public override void Complete()
        {
            if (_refusal is null)
            {
                _completion.SetResult(_result);
            }
            else
            {
                _completion.SetException(_refusal);
            }
        }

        public override void Fail(Exception failure) => _completion.SetException(failure);
    }
}
