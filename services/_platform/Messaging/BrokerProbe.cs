using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Itsm.Platform.Messaging;

/// <summary>Asks RabbitMQ over a connection of its own whether it answers and what waits in its queues.</summary>
internal sealed class BrokerProbe(BrokerAddress address) : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private readonly ConnectionFactory _factory = new()
    {
        Uri = address.Address, ClientProvidedName = address.Host + " probe", AutomaticRecoveryEnabled = false,
        RequestedConnectionTimeout = Limit, ContinuationTimeout = Limit, HandshakeContinuationTimeout = Limit, RequestedHeartbeat = Limit,
    };

    private IConnection? _connection;
    private IChannel? _channel;

    /// <summary>True where it takes a message: one that connects may still take none, as when its disk is full.</summary>
    public async Task<bool> AnswersAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Limit);
        try
        {
            // To no queue, with a confirm.
            await (await OpenAsync(limit.Token)).BasicPublishAsync("", "itsm-probe", ReadOnlyMemory<byte>.Empty, limit.Token);
            return true;
        }
        catch (Exception e) when (IsOutage(e, ct))
        {
            await DisposeAsync();
            return false;
        }
    }

    /// <returns>How many messages wait in the queue; null where the broker does not answer or has no such queue.</returns>
    public async Task<long?> CountAsync(string queue, CancellationToken ct)
    {
        try
        {
            return (await (await OpenAsync(ct)).QueueDeclarePassiveAsync(queue, ct)).MessageCount;
        }
        catch (Exception e) when (IsOutage(e, ct))
        {
            await DisposeAsync();
            return null;
        }
    }

    /// <summary>Takes outdated bindings away where they are there, each after those that replace it were made where they are
    /// not.</summary>
    /// <returns>Why not, where the broker does not answer, refuses it, or lacks an exchange; else null.</returns>
    public async Task<string?> RebindAsync(IEnumerable<OutdatedBinding> bindings, CancellationToken ct)
    {
        try
        {
            foreach (var (exchange, byKey, queue, keys) in bindings)
            {
                var channel = await OpenAsync(ct);
                await channel.ExchangeBindAsync(byKey, exchange, "", cancellationToken: ct);
                foreach (var key in keys)
                {
                    await channel.ExchangeBindAsync(queue, byKey, key, cancellationToken: ct);
                }

                await channel.ExchangeUnbindAsync(queue, exchange, "", cancellationToken: ct);
            }

            return null;
        }
        catch (Exception e) when (IsOutage(e, ct))
        {
            await DisposeAsync();
            return e.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        var old = _connection;
        (_connection, _channel) = (null, null);
        if (old is not null)
        {
            await old.DisposeAsync();
        }
    }

    private async Task<IChannel> OpenAsync(CancellationToken ct)
    {
        if (_channel is not { IsOpen: true })
        {
            await DisposeAsync();
            _connection = await _factory.CreateConnectionAsync(ct);
            _channel = await _connection.CreateChannelAsync(new CreateChannelOptions(true, true), ct);
        }

        return _channel;
    }

    private static bool IsOutage(Exception e, CancellationToken ct) =>
        e is RabbitMQClientException or IOException or TimeoutException || (e is OperationCanceledException && !ct.IsCancellationRequested);
}
