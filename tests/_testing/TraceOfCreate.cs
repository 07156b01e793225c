using Xunit;

namespace Itsm.Testing;

/// <summary>What the trace of a new incident has: the same over every bus and store, in one process and in many.</summary>
public static class TraceOfCreate
{
    private static readonly (string Service, string Name)[] Path =
    [
        ("gateway", "POST /api/v1/incidents/{**rest}"),
        ("incidents", "POST /api/v1/incidents/"),
        ("incidents", "TicketChanged publish"),
        ("service-levels", "TicketChanged service-levels-follow-ticket"),
        ("service-levels", "TicketClocksChanged publish"),
        ("incidents", "TicketClocksChanged incidents-show-service-levels-incident"),
    ];

    private static readonly (string Service, string Name)[] Beside =
    [
        ("notifications", "TicketChanged notifications-tell-ticket-changes"),
        ("search", "TicketChanged search-index-tickets"),
    ];

    /// <summary>Waits until there is a whole trace.</summary>
    /// <param name="look">The spans that may belong to one.</param>
    /// <returns>Its spans.</returns>
    public static async Task<IReadOnlyList<SpanCollector.Span>> UntilWholeAsync(Func<IEnumerable<SpanCollector.Span>> look)
    {
        List<SpanCollector.Span> best = [];
        await RunningSuite.UntilAsync(() =>
        {
            best = look().GroupBy(span => span.TraceId).Select(trace => trace.ToList()).MinBy(trace => Missing(trace).Count) ?? [];
            return Task.FromResult($"Missing {string.Join(", ", Missing(best))} in {string.Join(", ", best)}");
        }, found => found.StartsWith("Missing  in", StringComparison.Ordinal), "A whole trace");
        return best;
    }

    /// <summary>From the gateway over the write and what it published to what was published next; and no span below it lacks its
    /// parent.</summary>
    public static void RequireOnePath(IReadOnlyList<SpanCollector.Span> trace)
    {
        var last = trace.First(span => (span.Service, span.Name) == Path[^1]);
        List<SpanCollector.Span> path = [];
        for (var span = last; span is not null; span = trace.FirstOrDefault(one => one.SpanId == span.ParentSpanId))
        {
            path.Insert(0, span);
        }

        Assert.Equal(Path, path.Select(span => (span.Service, span.Name)).Where(one => Path.Contains(one)));
        var ids = trace.Select(span => span.SpanId).Append(path[0].ParentSpanId).ToHashSet();
        Assert.All(trace, span => Assert.Contains(span.ParentSpanId, ids));
    }

    private static List<(string Service, string Name)> Missing(List<SpanCollector.Span> trace) =>
        [.. Path.Concat(Beside).Except(trace.Select(span => (span.Service, span.Name)))];
}
