using Itsm.Contracts.Directory;
using Itsm.Platform.Messaging;
using Itsm.Search.Domain;

namespace Itsm.Search.Subscriptions;

/// <summary>Keeps people findable.</summary>
internal sealed class IndexPeople(Indexing indexing) : IHandleBatch<PersonChanged>
{
    public Task HandleAsync(IReadOnlyList<PersonChanged> messages, CancellationToken ct) => indexing.ApplyAsync(
        [.. messages.Select(message => new Engines.DocumentChange(message.Id, known => SearchDocument.After(known, message)))], null, ct);
}
