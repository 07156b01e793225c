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

    /// <summary>Of the field <c>parent</c>, which has a ticket of the same kind.</summary>
    public static Expander Parent<TTicket>()
        where TTicket : Ticket => Expander.Thing<TTicket, ExpandedTicket>("parent");
}
