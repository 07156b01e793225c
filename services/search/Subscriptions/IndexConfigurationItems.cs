using Itsm.Contracts.Assets;
using Itsm.Platform.Messaging;
using Itsm.Search.Domain;

namespace Itsm.Search.Subscriptions;

/// <summary>Keeps configuration items findable.</summary>
internal sealed class IndexConfigurationItems(Indexing indexing) : IHandleBatch<ConfigurationItemChanged>
{
    public Task HandleAsync(IReadOnlyList<ConfigurationItemChanged> messages, CancellationToken ct) => indexing.ApplyAsync(
        [.. messages.Select(message => new Engines.DocumentChange(message.Id, known => SearchDocument.After(known, message)))], null, ct);
}
