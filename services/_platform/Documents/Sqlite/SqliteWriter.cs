using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Documents.Sqlite;

/// <summary>The only one who writes: a thread that commits as many waiting operations at once as there are, so that they share one flush to
/// the disk.</summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int MostPerCommit = 256;

    private readonly SqliteSession _session;
    private readonly ILogger _logger;
    private readonly Action _undone;
    private readonly BlockingCollection<WriteOperation> _queue = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;

    /// <param name="path">The file.</param>
    /// <param name="logger">Gets failed commits.</param>
    /// <param name="undone">Called on the writer's thread whenever a transaction was undone.</param>
    public SqliteWriter(string path, ILogger logger, Action undone)
    {
        (_session, _logger, _undone) = (new SqliteSession(path, writer: true), logger, undone);
        new Thread(Work) { IsBackground = true, Name = "sqlite-writer" }.Start();
    }

    /// <summary>Does the work in a transaction; the task completes when its result is durable. Cancelling works until it has
    /// begun.</summary>
    public Task<T> RunAsync<T>(Func<SqliteSession, T> work, CancellationToken ct)
    {
        var operation = new WriteOperation<T>(work, ct);
        try
        {
            _queue.Add(operation, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(SqliteDatabase));
        }

        return operation.Task;
    }

    /// <summary>Does what is queued, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _queue.CompleteAdding();
            await _ended.Task;
            _queue.Dispose();
        }
    }

    private void Work()
    {
        var batch = new List<WriteOperation>(MostPerCommit);
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < MostPerCommit && _queue.TryTake(out var next))
            {
                batch.Add(next);
            }

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
