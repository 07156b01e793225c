using Itsm.Contracts.ServiceLevels;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.ServiceLevels.Domain;
using Microsoft.AspNetCore.WebUtilities;

namespace Itsm.ServiceLevels.UseCases;

/// <summary>How well promises are kept, by one field of the clocks that the caller may see. Each figure names the list of its clocks.
/// Cancelled clocks count nowhere: the promise that took their place does.</summary>
internal static class ReportCompliance
{
    private static readonly QueryParameter<string> By = new("by", QueryValue.Word("agreement", "target", "metric", "agreementKind", "kind",
        "priority", "assignmentGroup", "endedMonth", "endedWeek"), "The field of the clocks that each row has a value of.")
    {
        IsRequired = true,
    };

    /// <summary>A report.</summary>
    /// <param name="By">The field.</param>
    /// <param name="Rows">One for each of its values.</param>
    public sealed record Response(string By, IReadOnlyList<Row> Rows);

    /// <summary>How well promises were kept for one value.</summary>
    /// <param name="Value">Of the field; none for those without.</param>
    /// <param name="Met">Completed in time.</param>
    /// <param name="Missed">Completed late.</param>
    /// <param name="Open">Not ended and not breached.</param>
    /// <param name="OpenBreached">Not ended, and breached.</param>
    /// <param name="Compliance">Met of all completed, in percent, not rounded; null where none is completed.</param>
    public sealed record Row(string Value, Figure Met, Figure Missed, Figure Open, Figure OpenBreached, double? Compliance);

    /// <summary>A number, and where to read what it counts.</summary>
    /// <param name="Count">How many.</param>
    /// <param name="Clocks">Address of their list.</param>
    public sealed record Figure(long Count, string Clocks);

    public static void Map(IEndpointRouteBuilder compliance) => compliance.MapGet("", Handle)
        .WithName(nameof(ReportCompliance)).WithSummary("Reports how well promises are kept")
        .Requires(Permissions.Report).Counts(ReadClocks.Lists, By);

    private static async Task<Response> Handle(
        ListQuery list, HttpRequest request, Projection<ClockRecord> store, CancellationToken ct)
    {
        var by = By.Of(request)!;
        var met = await CountAsync(false, ClockState.Completed);
        var missed = await CountAsync(true, ClockState.Completed);
        var open = await CountAsync(false, ClockState.Running, ClockState.Paused);
        var late = await CountAsync(true, ClockState.Running, ClockState.Paused);
        var values = new[] { met, missed, open, late }.SelectMany(counts => counts.Keys).Distinct().Order(StringComparer.Ordinal);
        return new Response(by, [.. values.Select(value =>
        {
            var (kept, broken) = (met.GetValueOrDefault(value), missed.GetValueOrDefault(value));
            return new Row(
                value, Figure(value, kept, "false", "completed"), Figure(value, broken, "true", "completed"),
                Figure(value, open.GetValueOrDefault(value), "false", "running,paused"),
                Figure(value, late.GetValueOrDefault(value), "true", "running,paused"),
                kept + broken == 0 ? null : 100.0 * kept / (kept + broken));
        })]);

        async Task<IReadOnlyDictionary<string, long>> CountAsync(bool breached, params IReadOnlyList<ClockState> states) =>
            await list.GroupAsync(store, ReadClocks.Lists, by, ct,
                Platform.Documents.Condition.In("state", [.. states.Select(state => BsonMapping.Value(state))]),
                Platform.Documents.Condition.In("breached", breached));

        Figure Figure(string value, long count, string breached, string states)
        {
            var query = request.Query.Where(pair => pair.Key is not ("by" or "state" or "breached") && pair.Key != by)
                .ToDictionary(pair => pair.Key, pair => (string?)pair.Value.ToString());
            (query["breached"], query["state"]) = (breached, states);
            if (value != "none" || by == "assignmentGroup")
            {
                query[by] = value;
            }

            return new Figure(count, QueryHelpers.AddQueryString("/api/v1/service-levels/clocks", query));
        }
    }
}
