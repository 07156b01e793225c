using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>Lists, counts, exports and reads the tickets that the caller may see.</summary>
public static class ReadTickets
{
    private const int MostFields = 2;

    /// <summary>How many.</summary>
    /// <param name="By">The field, or both with a comma.</param>
    /// <param name="Counts">By value of the first field; none for those without.</param>
    /// <param name="Pairs">By values of both fields, where two are asked for; what nothing has is left out.</param>
    public sealed record Grouped(string By, IReadOnlyDictionary<string, long> Counts, IReadOnlyList<Pair>? Pairs);

    /// <summary>How many have these values.</summary>
    /// <param name="Values">By field; none for those without.</param>
    /// <param name="Count">Exact, for this caller.</param>
    public sealed record Pair(IReadOnlyDictionary<string, string> Values, long Count);

    internal static void Map<TTicket, TState, THold>(IEndpointRouteBuilder tickets, TicketKind<TTicket, TState, THold> kind)
        where TTicket : Ticket<TState, THold>
        where TState : struct, Enum
        where THold : struct, Enum
    {
        var (names, read) = (kind.Names, kind.Permissions.Read);
        var by = new QueryParameter<IReadOnlyList<string>>("by", QueryValue.Word(kind.CountedBy).Several(MostFields),
            "The field whose values are counted; with a comma two, whose values are counted together, too.")
        {
            IsRequired = true,
        };
        tickets.MapGet("", (ListQuery list, AggregateStore<TTicket> store, CancellationToken ct) => list.PageAsync(store, kind.Lists, ct))
            .WithName($"List{names.Name}s").WithSummary($"Lists {names.Noun}s").Requires(read).Lists<TTicket>(kind.Lists);
        tickets.MapGet("counts", async (HttpRequest request, ListQuery list, AggregateStore<TTicket> store, CancellationToken ct) =>
        {
            var fields = by.Of(request)!;
            if (fields.Distinct().Count() < fields.Count)
            {
                throw HttpProblemException.Invalid("?by", FieldCode.Repeated, $"by names {fields[0]} twice.");
            }

            var groups = (await list.GroupAsync(store, kind.Lists, fields, ct))
                .OrderBy(group => string.Join(' ', group.Values), StringComparer.Ordinal).ToList();
            var pairs = groups.Select(group =>
                new Pair(fields.Zip(group.Values).ToDictionary(one => one.First, one => one.Second), group.Count));
            return new Grouped(string.Join(',', fields),
                groups.GroupBy(group => group.Values[0]).ToDictionary(same => same.Key, same => same.Sum(group => group.Count)),
                fields.Count == 1 ? null : [.. pairs]);
        })
            .WithName($"Count{names.Name}s").WithSummary($"Counts {names.Noun}s by a field, or by two").Requires(read)
            .Counts(kind.Lists, by);
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
