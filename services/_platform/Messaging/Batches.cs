using System.Collections.Concurrent;
using Itsm.Platform.Documents;
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
        await _gate.WaitAsync(ct);
        try
        {
            var batch = new List<Waiting>();
            while (batch.Count < Most && _waiting.TryDequeue(out var next))
            {
                batch.Add(next);
            }

            if (batch.Count > 0 && !await TryAsync(batch, ct))
            {
                foreach (var one in batch)
                {
                    await TryAsync([one], ct);
                }
            }
        }
        finally
        {
            _gate.Release();
        }

        await mine.Done.Task.WaitAsync(ct);
    }

    public void Dispose() => _gate.Dispose();

    private async Task<bool> TryAsync(List<Waiting> batch, CancellationToken ct)
    {
        try
        {
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
