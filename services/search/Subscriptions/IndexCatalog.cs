using Itsm.Contracts.Requests;
using Itsm.Platform.Messaging;
using Itsm.Search.Domain;

namespace Itsm.Search.Subscriptions;

/// <summary>Keeps what can be ordered findable.</summary>
internal sealed class IndexCatalog(Indexing indexing) : IHandleBatch<CatalogItemChanged>
{
    public Task HandleAsync(IReadOnlyList<CatalogItemChanged> messages, CancellationToken ct) => indexing.ApplyAsync(
        [.. messages.Select(message => new Engines.DocumentChange(message.Id, known => SearchDocument.After(known, message)))], null, ct);
}
