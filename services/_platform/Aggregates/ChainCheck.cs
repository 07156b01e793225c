using System.Security.Cryptography;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Aggregates;

/// <summary>Checks the entries of a history one after the other, oldest first.</summary>
public sealed class ChainCheck
{
    private byte[] _previous = [];
    private long _number;
    private long? _broken;

    /// <summary>Looks at the next entry.</summary>
    /// <returns>False where it, or one before it, is missing or was altered.</returns>
    public bool Add(ReadOnlyMemory<byte> body)
    {
        if (_broken is null)
        {
            _number++;
            _broken = Continues(body) ? null : _number;
        }

        return _broken is null;
    }

    /// <summary>The number of the first entry that is missing or was altered; null where all is as it was written.</summary>
    /// <param name="count">How many there should be.</param>
    /// <param name="head">The hash of the last.</param>
    public long? FirstBroken(long count, ReadOnlySpan<byte> head) =>
        _broken ?? (_number == count && head.SequenceEqual(_previous) ? null : Math.Min(_number, count) + 1);

    private bool Continues(ReadOnlyMemory<byte> body)
    {
        try
        {
            CheckLengths(body.Span);
            var entry = MongoDB.Bson.Serialization.BsonSerializer.Deserialize<BsonDocument>(body.ToArray());
            var hash = entry["hash"].AsByteArray;
            entry.Remove("hash");
            if (entry["entry"] != _number
                || !entry["previous"].AsByteArray.AsSpan().SequenceEqual(_previous)
                || !SHA256.HashData(entry.ToBson()).AsSpan().SequenceEqual(hash))
            {
                return false;
            }

            _previous = hash;

            // Byte for byte as it was written: also what the hash itself does not cover.
            return entry.Add("hash", hash).ToBson().AsSpan().SequenceEqual(body.Span);
        }
        catch (Exception e) when (e is not OutOfMemoryException) // Whatever the driver makes of altered bytes.
        {
            return false;
        }
    }

    /// <summary>Throws where a length leads out of the document: the driver would allocate that much, up to 2 GB, before it
    /// looks.</summary>
    private static void CheckLengths(ReadOnlySpan<byte> document)
    {
        foreach (var element in new RawBson(document))
        {
            if (element.Type is BsonType.Document or BsonType.Array)
            {
                CheckLengths(element.Value);
            }
        }
    }
}
