using System.Text.Json;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Platform;
using Itsm.Contracts.Requests;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;
using Itsm.Search.Domain;
using Itsm.Search.Engines;

namespace Itsm.Search.Subscriptions;

/// <summary>Puts into the index what a comparison found missing or older there.</summary>
internal sealed class IndexReplayed(Indexing indexing) : IHandle<EntitiesReplayed>
{
    /// <summary>Where it listens.</summary>
    public const string Queue = "search-index-replayed";

    public Task HandleAsync(EntitiesReplayed message, CancellationToken ct) =>
        indexing.ApplyAsync([.. message.Entities.Select(entity => Change(message.Message, entity))], null, ct);

    private static DocumentChange Change(string message, JsonElement entity)
    {
        switch (message)
        {
            case nameof(TicketChanged):
                var ticket = entity.Deserialize<TicketChanged>(MessageJson.Options)!;
                return new DocumentChange(ticket.Id, known => SearchDocument.After(known, ticket));
            case nameof(TicketCommented):
                var comment = entity.Deserialize<TicketCommented>(MessageJson.Options)!;
                return new DocumentChange(comment.Ticket, known => SearchDocument.After(known, comment));
            case nameof(PersonChanged):
                var person = entity.Deserialize<PersonChanged>(MessageJson.Options)!;
                return new DocumentChange(person.Id, known => SearchDocument.After(known, person));
            case nameof(CatalogItemChanged):
                var item = entity.Deserialize<CatalogItemChanged>(MessageJson.Options)!;
                return new DocumentChange(item.Id, known => SearchDocument.After(known, item));
            default:
                throw new InvalidOperationException($"{message} is not indexed.");
        }
    }
}
