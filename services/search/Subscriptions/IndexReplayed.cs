using System.Text.Json;
using Itsm.Contracts.Assets;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Platform;
using Itsm.Contracts.Requests;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Search.Queries;

namespace Itsm.Search.Subscriptions;

/// <summary>Puts into the index what a comparison found missing or older there.</summary>
internal sealed class IndexReplayed(Indexing indexing, NamedItems items) : IHandle<EntitiesReplayed>
{
    /// <summary>Where it listens.</summary>
    public const string Queue = "search-index-replayed";

    public async Task HandleAsync(EntitiesReplayed message, CancellationToken ct) =>
        await indexing.ApplyAsync(message.Message == nameof(TicketChanged)
            ? await TicketsAsync([.. message.Entities.Select(entity => entity.Deserialize<TicketChanged>(MessageJson.Options)!)], ct)
            : [.. message.Entities.Select(entity => Change(message.Message, entity))], null, ct);

    private async Task<IReadOnlyList<DocumentChange>> TicketsAsync(IReadOnlyList<TicketChanged> tickets, CancellationToken ct)
    {
        var names = await items.OpenNamesAsync(tickets, ct);
        return [.. tickets.Select(ticket => new DocumentChange(ticket.Id, known => SearchDocument.After(known, ticket, names)))];
    }

    private static DocumentChange Change(string message, JsonElement entity)
    {
        switch (message)
        {
            case nameof(TicketCommented):
                var comment = entity.Deserialize<TicketCommented>(MessageJson.Options)!;
                return new DocumentChange(comment.Ticket, known => SearchDocument.After(known, comment));
            case nameof(PersonChanged):
                var person = entity.Deserialize<PersonChanged>(MessageJson.Options)!;
                return new DocumentChange(person.Id, known => SearchDocument.After(known, person));
            case nameof(CatalogItemChanged):
                var offer = entity.Deserialize<CatalogItemChanged>(MessageJson.Options)!;
                return new DocumentChange(offer.Id, known => SearchDocument.After(known, offer));
            case nameof(ConfigurationItemChanged):
                var item = entity.Deserialize<ConfigurationItemChanged>(MessageJson.Options)!;
                return new DocumentChange(item.Id, known => SearchDocument.After(known, item));
            case nameof(AssetChanged):
                var asset = entity.Deserialize<AssetChanged>(MessageJson.Options)!;
                return new DocumentChange(asset.Id, known => SearchDocument.After(known, asset));
            default:
                throw new InvalidOperationException($"{message} is not indexed.");
        }
    }
}
