using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;
using Itsm.Search.Domain;
using Itsm.Search.Finding;
using Itsm.Search.Queries;

namespace Itsm.Search.Subscriptions;

/// <summary>Keeps tickets findable. Safe to run twice, in any order: a document takes on newer versions only.</summary>
internal sealed class IndexTickets(Indexing indexing, NamedItems items, Arrivals arrivals) : IHandleBatch<TicketChanged>
{
    public async Task HandleAsync(IReadOnlyList<TicketChanged> messages, CancellationToken ct)
    {
        var names = await items.OpenNamesAsync(messages, ct);

        // What a replay says has changed nothing.
        await indexing.ApplyAsync(
            [.. messages.Select(message => new Engines.DocumentChange(message.Id, known => SearchDocument.After(known, message, names)))],
            messages.Where(message => message.Changed.Count > 0).Max(message => (DateTimeOffset?)message.At), ct);
        arrivals.Tell(messages.Select(message => (message.Id, message.Number)));
    }
}
