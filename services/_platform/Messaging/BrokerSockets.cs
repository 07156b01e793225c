using System.Collections.Concurrent;
using System.Net.Sockets;
using RabbitMQ.Client;

namespace Itsm.Platform.Messaging;

/// <summary>The sockets that a connection has opened, of which it uses the last. While one stands, the broker keeps for it what it has
/// under way.</summary>
internal sealed class BrokerSockets
{
    private const int Kept = 4;
    private readonly ConcurrentQueue<ITcpClient> _opened = new();
    private volatile bool _isCut;

    public ITcpClient Open(AddressFamily family)
    {
        var client = ConnectionFactoryBase.DefaultSocketFactory(family);
        _opened.Enqueue(client);
        if (_opened.Count > Kept)
        {
            _opened.TryDequeue(out _);
        }

        if (_isCut)
        {
            client.Close();
        }

        return client;
    }

    /// <summary>Closes them, and any that is opened later.</summary>
    public void Cut()
    {
        _isCut = true;
        foreach (var client in _opened)
        {
            client.Close();
        }
    }
}
