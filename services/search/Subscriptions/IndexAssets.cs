using Itsm.Contracts.Assets;
using Itsm.Platform.Messaging;
using Itsm.Search.Domain;

namespace Itsm.Search.Subscriptions;

/// <summary>Keeps assets findable.</summary>
internal sealed class IndexAssets(Indexing indexing) : IHandleBatch<AssetChanged>
{
    public Task HandleAsync(IReadOnlyList<AssetChanged> messages, CancellationToken ct) => indexing.ApplyAsync(
        [.. messages.Select(message => new Engines.DocumentChange(message.Id, known => SearchDocument.After(known, message)))], null, ct);
}
