using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;
using Itsm.Search.Domain;

namespace Itsm.Search.Subscriptions;

/// <summary>Makes tickets findable by their comments, and by their work notes for those who may read them. A comment may come before its
/// ticket.</summary>
internal sealed class IndexComments(Indexing indexing) : IHandleBatch<TicketCommented>
{
    public Task HandleAsync(IReadOnlyList<TicketCommented> messages, CancellationToken ct) => indexing.ApplyAsync(
        [.. messages.Select(message => new Engines.DocumentChange(message.Ticket, known => SearchDocument.After(known, message)))], null,
        ct);
}
