using System.Diagnostics.Metrics;
using Itsm.Platform.Telemetry;

namespace Itsm.AppHost;

/// <summary>What the suite has used and done since it started, for the load test: <c>GET /dev/figures</c>, in Development alone.</summary>
internal sealed class Figures : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _documents;
    private long _rows;
    private long _handled;
    private long _waiting;

    public Figures()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Instruments.Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument.Name, value));
        _listener.Start();
    }

    /// <summary>The sums as of now.</summary>
    public Response Read() => new(
        Volatile.Read(ref _documents), Volatile.Read(ref _rows), Volatile.Read(ref _handled), Volatile.Read(ref _waiting),
        GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration());

    public void Dispose() => _listener.Dispose();

    private void Add(string instrument, long value)
    {
        switch (instrument)
        {
            case "itsm.documents.written":
                Interlocked.Add(ref _documents, value);
                break;
            case "itsm.documents.index_rows":
                Interlocked.Add(ref _rows, value);
                break;
            case "itsm.messages.handled":
                Interlocked.Add(ref _handled, value);
                break;
            case "itsm.outbox.waiting":
                Interlocked.Add(ref _waiting, value);
                break;
        }
    }

    /// <summary>Sums since the start.</summary>
    /// <param name="Documents">Documents inserted, changed and deleted.</param>
    /// <param name="IndexRows">Index rows inserted and deleted for them.</param>
    /// <param name="Deliveries">Messages that handlers have taken.</param>
    /// <param name="Waiting">Saves that are not published yet.</param>
    /// <param name="Allocated">Bytes allocated.</param>
    /// <param name="Paused">How long the garbage collector stopped everything.</param>
    public sealed record Response(long Documents, long IndexRows, long Deliveries, long Waiting, long Allocated, TimeSpan Paused);
}
