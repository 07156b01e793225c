using System.Text.Json;
using Itsm.Contracts.Search;
using Itsm.Notifications.Live;
using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Itsm.Notifications.Subscriptions;

/// <summary>Tells one person that a saved search finds another number of things for them.</summary>
internal sealed class TellCount(LiveLog log, IOptions<JsonOptions> json) : IHandle<SavedSearchCounted>
{
    public Task HandleAsync(SavedSearchCounted message, CancellationToken ct) => log.AppendAsync([new LiveEvent
    {
        Type = LiveEvent.SavedSearch, Ticket = message.SavedSearch, Number = "", Kind = "savedSearch",
        Version = message.At.ToUnixTimeMilliseconds(), Subject = DerivedId.From(message.SavedSearch.ToString(), message.Person.ToString()),
        Readers = [ReaderToken.Person(message.Person)], At = message.At,
        Data = JsonSerializer.Serialize(new SavedSearchEvent(message.SavedSearch, message.Name, message.Count, message.At),
            json.Value.SerializerOptions),
    }], ct);
}
