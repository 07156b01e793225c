using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;

namespace Itsm.Assets.Domain;

/// <summary>A ticket that names configuration items, as its service last published it.</summary>
public sealed class ItemTicket : Record
{
    /// <summary>Incidents of this priority, or a more serious one, hurt what they name.</summary>
    private const int MostSerious = 2;

    /// <summary>Which process.</summary>
    public required string Kind { get; init; }

    /// <summary>Shown to people.</summary>
    public required string Number { get; init; }

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    /// <summary>State in the words of its kind.</summary>
    public required string State { get; init; }

    /// <summary>The same for all kinds.</summary>
    public required StateCategory Category { get; init; }

    /// <summary>1 (critical) to 5 (planning).</summary>
    public required int Priority { get; init; }

    /// <summary>Of an incident: the stage of its handling as a major one; null where there is none.</summary>
    public string? Major { get; init; }

    /// <summary>The items that it names, the affected service among them.</summary>
    [AtMost(200)]
    public required IReadOnlyList<string> Items { get; init; }

    /// <summary>When it was opened.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When it was resolved; null while it is not.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>True for an incident of which services suffer: open, and a major one or of priority 1 or 2.</summary>
    [Hidden]
    public required bool Hurts { get; init; }

    /// <summary>Since when it is open with priority 1 or 2; null where it is not, or its service did not say.</summary>
    [Hidden]
    public DateTimeOffset? HurtsSince { get; init; }

    /// <summary>True for an accepted major incident.</summary>
    internal bool IsMajor => Major == "accepted";

    /// <summary>True where services suffer from both in the same way, or from none.</summary>
    internal bool HurtsAs(ItemTicket other) => Hurts == other.Hurts
        && (!Hurts || (IsMajor == other.IsMajor && HurtsSince == other.HurtsSince && Items.SequenceEqual(other.Items)));

    /// <summary>How it is stored.</summary>
    public static ProjectionDefinition<ItemTicket> Definition { get; } = new("item-tickets",
        new("items", "openedAt") { Serves = "tickets of an item" }, new("number") { Serves = "backfill" },
        new("hurts", "openedAt") { Only = true, Serves = "health of services" })
    {
        Noun = "ticket",
    };

    /// <summary>False for a ticket that names no item and never did.</summary>
    internal static bool IsWanted(TicketChanged ticket) => ticket.AffectedService is not null || ticket.ConfigurationItems.Count > 0
        || ticket.Changed.Contains("affectedService") || ticket.Changed.Contains("configurationItems");

    internal static ItemTicket Of(TicketChanged ticket) => new()
    {
        Id = ticket.Id, Version = ticket.Version, Kind = ticket.Kind, Number = ticket.Number, Title = ticket.Title, State = ticket.State,
        Category = ticket.Category, Priority = ticket.Priority, Major = ticket.Incident?.Major, OpenedAt = ticket.OpenedAt,
        ResolvedAt = ticket.ResolvedAt, Readers = ticket.Readers,
        Hurts = ticket is { Kind: "incident", Category: StateCategory.Open or StateCategory.Paused }
            && (ticket.Priority <= MostSerious || ticket.Incident?.Major == "accepted"),
        HurtsSince = ticket.Timeline.Reverse().TakeWhile(entry =>
            entry is { Category: StateCategory.Open or StateCategory.Paused, Priority: <= MostSerious }).LastOrDefault()?.At,
        Items = [.. ticket.ConfigurationItems.Concat(ticket.AffectedService is { } service ? [service] : []).Distinct()],
    };
}
