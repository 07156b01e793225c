using Itsm.Platform.Documents;

namespace Itsm.ServiceLevels;

/// <summary>Tickets in the order of their numbers, a slice at a time, whose end is kept as text.</summary>
internal static class TicketSlices
{
    /// <summary>The next slice.</summary>
    /// <param name="documents">Clocks of tickets.</param>
    /// <param name="where">Which.</param>
    /// <param name="after">What <see cref="EndOf"/> said of the slice before; null for the first.</param>
    /// <param name="size">The most of it.</param>
    /// <param name="ct">Ends the query.</param>
    public static ValueTask<IReadOnlyList<StoredDocument>> NextAsync(
        IDocumentCollection documents, IReadOnlyList<Condition> where, string? after, int size, CancellationToken ct) =>
        documents.QueryAsync(new DocumentQuery(where, "number", false,
            after?.Split(' ') is [var number, var id] ? new DocumentPosition(number, Guid.Parse(id)) : null, size), ct);

    /// <summary>Number and id of the last ticket; null where no slice comes after this one.</summary>
    public static string? EndOf(IReadOnlyList<StoredDocument> slice, int size) =>
        slice.Count < size ? null : $"{RawBson.Values(slice[^1].Body.Span, "number")[0]} {slice[^1].Id}";
}
