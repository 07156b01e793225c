using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Itsm.Contracts.Platform;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;
using Itsm.Platform.Values;
using Itsm.Search.Domain;
using Itsm.Search.Engines;

namespace Itsm.Search.Subscriptions;

/// <summary>Compares a page of what a service has with the index, has said again what differs, and takes down what that gave. A page
/// that no comparison waits for may tell who owns a kind.</summary>
internal sealed class CompareInventory(AggregateStore<IndexState> store, ISearchEngine engine, IndexCare care, IMessageBus bus)
    : IHandle<InventoryReported>
{
    private static readonly Contracts.Actor Self = new(null, "search");

    public async Task HandleAsync(InventoryReported message, CancellationToken ct)
    {
        var state = await store.FindAsync(IndexState.TheOne, ct);
        if (state?.Awaits(message) != true)
        {
            if (IndexState.KindOf(message.Message) is { } kind)
            {
                await care.LearnAsync(kind, message.Source, ct);
            }

            return;
        }

        var generation = state.Current!.Generation;
        List<InventoryEntry> different = [];
        ulong sourceDigest = 0, indexDigest = 0;
        try
        {
            var known = await engine.FindAsync(generation, [.. message.Entries.Select(entry => entry.Of ?? entry.Id)], ct);
            foreach (var entry in message.Entries)
            {
                var document = known.GetValueOrDefault(entry.Of ?? entry.Id);
                var version = (entry.Of is null ? document?.Version : document?.VersionOf(entry.Id)) ?? 0;
                sourceDigest += Hash(entry.Id, entry.Version);
                indexDigest += version == 0 ? 0 : Hash(entry.Id, Math.Min(version, entry.Version));
                if (version < entry.Version)
                {
                    different.Add(entry);
                }
            }
        }
        catch (GenerationMissingException)
        {
            await care.CompareAsync(instead: true, ct);
            return;
        }

        if (different.Count > 0)
        {
            await bus.PublishAsync(Guid.CreateVersion7(store.Clock.GetUtcNow()),
                new ReplayRequested
                {
                    Message = message.Message, By = "search", Only = [.. different.Select(entry => entry.Id)],
                    ReplyTo = IndexReplayed.Queue,
                }, ct);
        }

        var audit = new AuditContext { By = Self, Action = "compare", At = store.Clock.GetUtcNow().ToMilliseconds() };
        var figures = new IndexState.PageFigures(different.Count, Text(sourceDigest), Text(indexDigest));
        await store.UpdateAsync(IndexState.TheOne, audit, state => state.Take(message, figures, audit), ct);
    }

    private static string Text(ulong digest) => digest.ToString("x16", CultureInfo.InvariantCulture);

    private static ulong Hash(Guid id, long version)
    {
        Span<byte> bytes = stackalloc byte[24];
        id.TryWriteBytes(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes[16..], version);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }
}
