using System.Collections.Concurrent;
using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Platform.Messaging;

/// <summary>Hands a handler all that has come while it was busy, at most 100 messages: none waits for others to come. Where a batch
/// fails, each of its messages is tried alone, so that a poisoned one does not take the others along.</summary>
internal sealed class Batches<TMessage, THandler>(IServiceProvider services) : IDisposable
    where TMessage : class
    where THandler : IHandleBatch<TMessage>
{
    private const int Most = 100;
    private readonly ConcurrentQueue<Waiting> _waiting = new();
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>Completes when the message is handled, in whatever company.</summary>
    public async Task HandleAsync(TMessage message, CancellationToken ct)
    {
        var mine = new Waiting(message);
        _waiting.Enqueue(mine);

        // The batch under way is watched as the work of whoever leads it.
        Work.RestWhileWaiting();
        var turn = _gate.WaitAsync(ct);
        if (await Task.WhenAny(turn, mine.Done.Task) != turn)
        {
            // Handled with the messages of another, it passes its turn on.
            _ = turn.ContinueWith(_ => _gate.Release(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
            await mine.Done.Task;
            return;
        }

        await turn;
        Work.ResumeAfterWaiting();
        try
        {
            // Others may have come before it, whose turns come later.
            while (!mine.Done.Task.IsCompleted)
            {
                await HandleNextAsync(ct);
            }
        }
        finally
        {
            _gate.Release();
        }

        await mine.Done.Task;
    }

    public void Dispose() => _gate.Dispose();

    private async Task HandleNextAsync(CancellationToken ct)
    {
        var batch = new List<Waiting>();
        while (batch.Count < Most && _waiting.TryDequeue(out var next))
        {
            batch.Add(next);
        }

        if (!await TryAsync(batch, ct))
        {
            foreach (var one in batch)
            {
                await TryAsync([one], ct);
                Work.Progress();
            }
        }
    }

    private async Task<bool> TryAsync(List<Waiting> batch, CancellationToken ct)
    {
        try
        {
            ct.ThrowIfCancellationRequested();
            await using var scope = services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<THandler>().HandleAsync([.. batch.Select(one => one.Message)], ct).WaitAsync(ct);
            batch.ForEach(one => one.Done.SetResult());
            return true;
        }
        catch (Exception e) when (batch.Count == 1)
        {
            batch[0].Done.SetException(e);
            return true;
        }
        catch (StoreUnavailableException e)
        {
            // None of them is to blame.
            batch.ForEach(one => one.Done.SetException(e));
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private sealed record Waiting(TMessage Message)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
