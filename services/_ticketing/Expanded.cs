using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Ticketing;

/// <summary>The category that an id stands for.</summary>
/// <param name="Id">As in the field.</param>
/// <param name="Key">Short name in addresses.</param>
/// <param name="Name">As people read it.</param>
/// <param name="Path">The names from the root of the tree down to its own.</param>
public sealed record ExpandedCategory(Guid Id, string Key, string Name, IReadOnlyList<string> Path) : INamed;

/// <summary>The ticket that an id stands for, where the caller may see it.</summary>
public sealed record ExpandedTicket : INamed
{
    /// <summary>As in the field.</summary>
    public required Guid Id { get; init; }

    /// <summary>Number shown to people.</summary>
    public required string Number { get; init; }

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    /// <summary>Where it stands.</summary>
    public required string State { get; init; }

    string INamed.Name => Number;
}

/// <summary>The service or configuration item that a ticket names, where the caller may see it.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Number">Number shown to people.</param>
/// <param name="Key">Short name in addresses; null where it has none.</param>
/// <param name="Name">As people read it.</param>
/// <param name="Class">Key of its class.</param>
/// <param name="State">Where it stands.</param>
public sealed record ExpandedItem(Guid Id, string Number, string? Key, string Name, string Class, string State) : INamed;

/// <summary>What fields of tickets stand for.</summary>
public static class TicketExpanders
{
    /// <summary>Of the field <c>category</c>.</summary>
    public static Expander Category<T>()
        where T : Aggregate =>
        Expander.Of("category", async (id, services, ct) =>
        {
            var categories = services.GetRequiredService<AggregateStore<Category<T>>>();
            if (await categories.RecallAsync(id.ToString(), ct) is not { } category)
            {
                return null;
            }

            var path = new List<string>();
            for (var node = category; node is not null;
                node = node.Parent is { } parent ? await categories.RecallAsync(parent.ToString(), ct) : null)
            {
                path.Insert(0, node.Name);
            }

            return new ExpandedCategory(id, category.Key, category.Name, path);
        });

    /// <summary>Of a field that names services or configuration items.</summary>
    public static Expander Item(string field) => Expander.Named<ExpandedItem>(field, (name, caller, services, ct) =>
        services.GetRequiredService<ConfigurationLookup>().ExplainAsync(name, caller, ct));

    /// <summary>Of the field <c>parent</c>, which has a ticket of the same kind.</summary>
    public static Expander Parent<TTicket>()
        where TTicket : Ticket => Expander.Thing<TTicket, ExpandedTicket>("parent");
}
