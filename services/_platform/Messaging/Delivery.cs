using System.Diagnostics;
using System.Diagnostics.Metrics;
using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Itsm.Platform.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Platform.Messaging;

/// <summary>Hands the messages of one subscription to its handler, over any bus. A handler that fails is tried again with growing pauses;
/// while its store is away, for as long as that takes. One that stands still is given up, and tried once more.</summary>
internal sealed class Delivery(Subscription subscription, IServiceProvider services, Supervisor supervisor, TimeProvider clock)
{
    private const int Attempts = 6;
    private const int AttemptsThatHang = 2;
    private static readonly Counter<long> Handled = Instruments.Meter.CreateCounter<long>("itsm.messages.handled", "{message}",
        "Deliveries to handlers that came to their end.");
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OutagePause = TimeSpan.FromSeconds(2);

    private readonly string _span = $"{subscription.Message.Name} {subscription.Name}";

    public Subscription Subscription => subscription;

    public Worker Worker { get; } = supervisor.Watch("consumer " + subscription.Name);

    /// <summary>Completes when the handler has taken the message.</summary>
    /// <param name="messageId">Of the message.</param>
    /// <param name="message">The message.</param>
    /// <param name="trace">The span that published it.</param>
    /// <param name="ct">Ends the attempts.</param>
    /// <exception cref="OperationCanceledException">It was cancelled: the message is to be delivered again.</exception>
    /// <exception cref="Exception">What the last attempt failed with.</exception>
    public async Task DeliverAsync(Guid messageId, object message, ActivityContext trace, CancellationToken ct)
    {
        using var span = Instruments.Begin(_span, ActivityKind.Consumer, subscription.Service, trace);
        var (failed, hung) = (0, 0);
        try
        {
            while (true)
            {
                try
                {
                    await AttemptAsync(message, ct);
                    return;
                }
                catch (Exception) when (ct.IsCancellationRequested)
                {
                    throw new OperationCanceledException(ct);
                }
                catch (StoreUnavailableException e)
                {
                    Worker.Fails(messageId, e.Message);
                    await Task.Delay(OutagePause, clock, ct);
                }
                catch (Exception e)
                {
                    hung += e is StandstillException ? 1 : 0;
                    if (++failed == Attempts || hung == AttemptsThatHang)
                    {
                        span?.SetStatus(ActivityStatusCode.Error, e.GetType().Name);
                        throw;
                    }

                    var pause = FirstPause * Math.Pow(2, failed - 1);
                    await Task.Delay(pause < LongestPause ? pause : LongestPause, clock, ct);
                }
            }
        }
        finally
        {
            // Also one that is given up is done with.
            Worker.Succeeds(messageId);
            Worker.Completed();
            Handled.Add(1, new KeyValuePair<string, object?>("subscription", subscription.Name));
        }
    }

    private async Task AttemptAsync(object message, CancellationToken ct)
    {
        using var work = Worker.Begin(ct);
        await using var scope = services.CreateAsyncScope();
        try
        {
            await subscription.HandleAsync(scope.ServiceProvider, message, work.Token).WaitAsync(work.BrokenOff);
        }
        catch (OperationCanceledException) when (work.BrokenOff.IsCancellationRequested)
        {
            throw new StandstillException($"{subscription.Name} stood still over the message.");
        }
    }

    private sealed class StandstillException(string message) : Exception(message);
}
