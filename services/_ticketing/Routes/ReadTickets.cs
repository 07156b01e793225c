using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>Lists, counts, exports and reads the tickets that the caller may see.</summary>
public static class ReadTickets
{
    /// <summary>How many.</summary>
    /// <param name="By">The field.</param>
    /// <param name="Counts">By value; none for those without.</param>
    public sealed record Grouped(string By, IReadOnlyDictionary<string, long> Counts);

    internal static void Map<TTicket, TState, THold>(IEndpointRouteBuilder tickets, TicketKind<TTicket, TState, THold> kind)
        where TTicket : Ticket<TState, THold>
        where TState : struct, Enum
        where THold : struct, Enum
    {
        var (names, read) = (kind.Names, kind.Permissions.Read);
        var by = new QueryParameter<string>("by", QueryValue.Word(kind.CountedBy), "The field whose values are counted.")
        {
            IsRequired = true,
        };
        tickets.MapGet("", (ListQuery list, AggregateStore<TTicket> store, CancellationToken ct) => list.PageAsync(store, kind.Lists, ct))
            .WithName($"List{names.Name}s").WithSummary($"Lists {names.Noun}s").Requires(read).Lists<TTicket>(kind.Lists);
        tickets.MapGet("counts", async (HttpRequest request, ListQuery list, AggregateStore<TTicket> store, CancellationToken ct) =>
        {
            var field = by.Of(request)!;
            return new Grouped(field, await list.GroupAsync(store, kind.Lists, field, ct));
        })
            .WithName($"Count{names.Name}s").WithSummary($"Counts {names.Noun}s by a field").Requires(read).Counts(kind.Lists, by);
        tickets.MapGet("export", (ListQuery list, AggregateStore<TTicket> store, CancellationToken ct) =>
            list.ExportAsync(store, kind.Lists, ct))
            .WithName($"Export{names.Name}s").WithSummary($"Exports {names.Noun}s as NDJSON, CSV or XLSX").Requires(read)
            .Exports<TTicket>(kind.Lists);
        tickets.MapGet("{id}", (string id, Read reading, AggregateStore<TTicket> store, CancellationToken ct) =>
            reading.OneAsync(store, id, ct))
            .WithName($"Get{names.Name}").WithSummary($"Reads the {names.Noun} with this id or number").Requires(read)
            .Reads<TTicket>(kind.Lists);
    }
}
