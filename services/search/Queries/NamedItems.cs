using Itsm.Contracts.Assets;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using Itsm.Platform.Replicas;

namespace Itsm.Search.Queries;

/// <summary>Services and configuration items as tickets, and queries for tickets, name them.</summary>
internal sealed class NamedItems(Replica<ConfigurationItemChanged> items)
{
    /// <summary>The indexes of the replica.</summary>
    public static IReadOnlyList<IndexDefinition> Indexes { get; } = [new("number"), new("key") { Sparse = true }];

    /// <summary>The item that a ticket names; null where the caller sees none of that name.</summary>
    public async ValueTask<ConfigurationItemChanged?> FindAsync(string name, Caller caller, CancellationToken ct) =>
        await NamedAsync(name, name, ct) is { } item && caller.Sees(item.Readers) ? item : null;

    /// <summary>All that tickets may call an item by, with the text by which the caller asks for it.</summary>
    public async ValueTask<IReadOnlyList<string>> NamesOfAsync(string text, Caller caller, CancellationToken ct) =>
        await NamedAsync(text.ToUpperInvariant(), text.ToLowerInvariant(), ct) is { } item && caller.Sees(item.Readers)
        ? [text, item.Number, item.Id.ToString(), .. item.Key is { } key ? new[] { key } : []]
        : [text];

    /// <summary>How people call what these tickets name, by what they call it; without what not everybody may see, for whoever finds a
    /// ticket by a name learns that.</summary>
    public async ValueTask<IReadOnlyDictionary<string, string>> OpenNamesAsync(IEnumerable<TicketChanged> tickets, CancellationToken ct)
    {
        var names = new Dictionary<string, string>();
        foreach (var name in tickets.SelectMany(SearchedNames).Distinct())
        {
            if (await NamedAsync(name, name, ct) is { } item && item.Readers.Contains(ReaderToken.Everyone))
            {
                names[name] = item.Name;
            }
        }

        return names;

        static IEnumerable<string> SearchedNames(TicketChanged ticket) =>
            ticket.AffectedService is { } service ? ticket.ConfigurationItems.Prepend(service) : ticket.ConfigurationItems;
    }

    private async ValueTask<ConfigurationItemChanged?> NamedAsync(string number, string key, CancellationToken ct) =>
        Guid.TryParse(key, out var id) ? await items.FindAsync(id, ct)
        : await ByAsync("number", number, ct) ?? await ByAsync("key", key, ct);

    private async ValueTask<ConfigurationItemChanged?> ByAsync(string field, string name, CancellationToken ct) =>
        await items.QueryAsync([Condition.In(field, name)], field, 1, ct) is [var found] ? found : null;
}
