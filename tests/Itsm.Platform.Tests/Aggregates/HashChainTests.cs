using CsCheck;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Tests.Aggregates;

public sealed class HashChainTests
{
    private static readonly Guid Thing = DerivedId.From("thing");

    [Fact]
    public void Any_edit_removal_repeat_or_swap_of_entries_is_found() =>
        Gen.Select(Gen.Int[1, 8], Gen.Int[0, 4], Gen.Int[0, 1000], Gen.Int[0, 1000]).Sample((count, kind, at, where) =>
    {
        var envelope = Chain(count);
        var entries = envelope.Audit.Select(entry => entry.ToBson()).ToList();
        Assert.Null(Broken(entries, envelope));

        var index = at % count;
        switch (kind)
        {
            case 0:
                // Any byte of any value of an entry: through the driver, so that it stays a document.
                var changed = envelope.Audit[index].DeepClone().AsBsonDocument;
                var names = changed.Names.ToList();
                var name = names[where % names.Count];
                changed[name] = name is "_id" or "version" or "hash" or "previous"
                    ? new BsonBinaryData([1, 2, 3])
                    : changed[name].IsString ? changed[name].AsString + "!"
                    : "other";
                entries[index] = changed.ToBson();
                break;
            case 1:
                entries.RemoveAt(index);
                break;
            case 2:
                entries.Insert(index, entries[index]);
                break;
            case 3 when count > 1:
                var other = (index + 1 + (where % (count - 1))) % count;
                (entries[index], entries[other]) = (entries[other], entries[index]);
                break;
            default:
                var bytes = entries[index].ToArray();
                var spot = 4 + (where % (bytes.Length - 5));
                bytes[spot] ^= 1;
                entries[index] = bytes;
                break;
        }

        var broken = Broken(entries, envelope);
        Assert.NotNull(broken);
        Assert.InRange(broken.Value, 1, count + 1);
    }, iter: 400);

    [Fact]
    public void The_first_broken_entry_is_named()
    {
        var envelope = Chain(5);
        var entries = envelope.Audit.Select(entry => entry.ToBson()).ToList();
        entries.RemoveAt(2);
        Assert.Equal(3, Broken(entries, envelope));
        Assert.Equal(5, Broken([.. envelope.Audit.Take(4).Select(entry => entry.ToBson())], envelope));
        Assert.Null(new ChainCheck().FirstBroken(0, []));
    }

    private static long? Broken(List<byte[]> entries, Envelope envelope)
    {
        var chain = new ChainCheck();
        entries.ForEach(entry => chain.Add(entry));
        return chain.FirstBroken(envelope.Entries, envelope.ChainHead);
    }

    private static Envelope Chain(int count)
    {
        var envelope = new Envelope();
        for (var number = 1; number <= count; number++)
        {
            AuditTrail.Append(envelope, Thing, number,
                Lamp.AuditOf(DateTimeOffset.UnixEpoch.AddHours(number)) with { Reason = $"Reason {number}." },
                [new BsonDocument { { "field", "colour" }, { "from", BsonNull.Value }, { "to", $"red {number}" } }], [7]);
        }

        return envelope;
    }
}
