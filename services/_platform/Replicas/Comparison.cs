using Itsm.Contracts.Platform;
using Itsm.Platform.Messaging;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Replicas;

/// <summary>Compares what a service keeps of others' things with their inventories, a page after the other, and asks for what it lacks. How
/// far that has come is in the messages alone.</summary>
internal sealed class Comparison(string message, string service, IMessageBus bus, TimeProvider clock, ILogger log)
{
    private const int AtOnce = 200;
    private volatile bool _reported;

    /// <summary>True once an owner has answered this process.</summary>
    public bool IsReported => _reported;

    /// <summary>Asks all owners for the first page of what they have.</summary>
    public Task AskAsync(CancellationToken ct) => AskAsync(NewId(), InventoryRequested.AnySource, null, ct);

    /// <summary>Asks for what is lacking of a page, and for the next page.</summary>
    /// <param name="report">The page.</param>
    /// <param name="lacks">True where the thing is missing here, or older.</param>
    /// <param name="ct">Ends the look.</param>
    public async Task CompareAsync(
        InventoryReported report, Func<InventoryEntry, CancellationToken, Task<bool>> lacks, CancellationToken ct)
    {
        _reported = true;
        List<Guid> different = [];
        foreach (var entries in report.Entries.Chunk(AtOnce))
        {
            var lacking = await Task.WhenAll(entries.Select(entry => lacks(entry, ct)));
            different.AddRange(entries.Where((_, index) => lacking[index]).Select(entry => entry.Id));
        }

        if (different.Count > 0)
        {
            log.LogInformation("The copy of {Message} in {Service} lacks {Count} things of {Source}, or has older ones: asking for them.",
                message, service, different.Count, report.Source);
            await bus.PublishAsync(NewId(),
                new ReplayRequested { Message = message, By = service, Only = different, ReplyTo = CopyQueues.Replayed(service) }, ct);
        }

        if (report.Next is { } next)
        {
            await AskAsync(report.Comparison, report.Source, next, ct);
        }
    }

    private Task AskAsync(Guid comparison, string source, string? after, CancellationToken ct) =>
        bus.PublishAsync(NewId(), new InventoryRequested
        {
            Comparison = comparison, Message = message, Source = source, After = after, ReplyTo = CopyQueues.Reported(service),
        }, ct);

    private Guid NewId() => Guid.CreateVersion7(clock.GetUtcNow());
}
