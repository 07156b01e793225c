using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Itsm.Testing;

/// <summary>Stands before an engine, so that a test can take it away, bring it back, or make it answer late.</summary>
public sealed class Proxy : IAsyncDisposable
{
    private const byte HeartbeatType = 8;
    private const int HeartbeatLength = 8;
    private readonly string _host;
    private readonly int _port;
    private readonly ConcurrentBag<Socket> _sockets = [];
    private TcpListener? _listener;
    private volatile TaskCompletionSource? _held;
    private int _silences;

    private Proxy(string host, int port) => (_host, _port) = (host, port);

    /// <summary>Where clients connect; nobody listens there until <see cref="Open"/>.</summary>
    public int Port { get; private set; }

    /// <summary>A closed door before the engine at this address.</summary>
    public static Proxy Before(string host, int port)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return new Proxy(host, port) { Port = ((IPEndPoint)probe.LocalEndpoint).Port };
    }

    /// <summary>How much later each answer comes through.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Of the connections that stand now, RabbitMQ's heartbeats alone come through from now on; new ones work.</summary>
    public void Silence() => Interlocked.Increment(ref _silences);

    public void Open()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _ = AcceptAsync(_listener);
    }

    /// <summary>Breaks all connections; new ones are refused.</summary>
    public void Close()
    {
        _listener?.Stop();
        _listener = null;
        while (_sockets.TryTake(out var socket))
        {
            socket.Dispose();
        }
    }

    /// <summary>From now on no answer comes through, though connections stand; until <see cref="Release"/>.</summary>
    public void Hold() => _held = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        _held?.SetResult();
        _held = null;
    }

    public ValueTask DisposeAsync()
    {
        Release();
        Close();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync();
                var engine = new Socket(SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(client);
                _sockets.Add(engine);
                _ = ForwardAsync(client, engine);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed.
        }
    }

    private async Task ForwardAsync(Socket client, Socket engine)
    {
        try
        {
            await engine.ConnectAsync(_host, _port);
            await Task.WhenAny(CopyAsync(client, engine, false), CopyAsync(engine, client, true));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side left.
        }

        client.Dispose();
        engine.Dispose();
    }

    private async Task CopyAsync(Socket from, Socket to, bool answers)
    {
        var (buffer, since) = (new byte[16 * 1024], Volatile.Read(ref _silences));
        while (await from.ReceiveAsync(buffer) is > 0 and var count)
        {
            if (answers && since != Volatile.Read(ref _silences) && (count, buffer[0]) is not (HeartbeatLength, HeartbeatType))
            {
                continue;
            }

            if (answers && _held is { } held)
            {
                await held.Task;
            }

            if (answers && Latency > TimeSpan.Zero)
            {
                await Task.Delay(Latency);
            }

            for (var sent = 0; sent < count;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }
    }
}
