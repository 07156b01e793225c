using System.Globalization;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Ticketing;

/// <summary>Numbers shown to people, such as INC0001042: never reused; a crash leaves gaps. Each process takes a block at a time, so
/// that no counter is written for every ticket.</summary>
public sealed class NumberSeries<T>(IDocumentDatabase database, string prefix) : IDisposable
    where T : Aggregate
{
    private const int BlockSize = 100;
    private const int FirstNumber = 1001;
    private readonly IDocumentCollection _series = database.Collection(new CollectionDefinition("number-series"));
    private readonly Guid _id = DerivedId.From("number-series", prefix);
    private readonly SemaphoreSlim _gate = new(1);
    private long _next;
    private long _end;

    /// <summary>The next number.</summary>
    public async ValueTask<string> NextAsync(CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            if (_next == _end)
            {
                _next = await TakeBlockAsync(ct);
                _end = _next + BlockSize;
            }

            return prefix + (_next++).ToString("D7", CultureInfo.InvariantCulture);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async Task<long> TakeBlockAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                var found = await _series.FindAsync(_id, ct);
                var start = found is { } known ? RawBson.Values(known.Body.Span, "next")[0].AsInt64 : FirstNumber;
                var version = (found?.Version ?? 0) + 1;
                var document = new StoredDocument(_id, version,
                    new BsonDocument { { "_id", BsonMapping.Value(_id) }, { "version", version }, { "next", start + BlockSize } }.ToBson());
                if (found is null)
                {
                    await _series.InsertAsync(document, ct);
                    return start;
                }

                if (await _series.ReplaceAsync(document, version - 1, ct))
                {
                    return start;
                }
            }
            catch (DuplicateKeyException)
            {
                // Another replica took the first block: look again.
            }
        }
    }
}
