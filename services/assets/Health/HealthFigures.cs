using Itsm.Assets.Domain;
using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Itsm.Ticketing.Configuration;

namespace Itsm.Assets.Health;

/// <summary>What a run has counted so far.</summary>
internal sealed class HealthFigures
{
    private readonly SortedDictionary<string, Tally> _classes = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, (IReadOnlyList<HealthCheck> Checks, int Missing)> _findings = [];
    private readonly List<(Guid Id, string Number, string Name)> _services = [];

    /// <summary>By class.</summary>
    public IReadOnlyList<HealthOfClass> Classes =>
        [.. _classes.Select(of => new HealthOfClass(of.Key, of.Value.Items, of.Value.Findings,
            Percent(of.Value.There, of.Value.Required)))];

    /// <summary>Counts an item.</summary>
    public void Add(ConfigurationItem item, IReadOnlyList<(string Field, bool IsThere)> required, IReadOnlyList<Found> found)
    {
        if (!_classes.TryGetValue(item.Class, out var tally))
        {
            _classes[item.Class] = tally = new();
        }

        var missing = required.Count(one => !one.IsThere);
        (tally.Items, tally.OfEach) = (tally.Items + 1, required.Count);
        (tally.Required, tally.There) = (tally.Required + required.Count, tally.There + required.Count - missing);
        Count(found.Select(one => one.Check), tally.Findings);
        if (found.Count > 0)
        {
            _findings[item.Id] = ([.. found.Select(one => one.Check)], missing);
        }

        if (item.Class == ConfigurationClass.ItService)
        {
            _services.Add((item.Id, item.Number, item.Name));
        }
    }

    /// <summary>By service: those with the most findings first.</summary>
    public IReadOnlyList<HealthOfService> Services(GraphView view) =>
    [
        .. _services.Select(service =>
        {
            Work.Progress();
            List<Guid> needed = [service.Id, .. view.Requirements(service.Id).Hits.Select(hit => hit.Item)];
            var (byCheck, required, missing) = (new Dictionary<string, int>(), 0L, 0L);
            foreach (var item in needed)
            {
                required += view.ClassOf(item) is { } of && _classes.TryGetValue(of, out var tally) ? tally.OfEach : 0;
                if (_findings.TryGetValue(item, out var found))
                {
                    Count(found.Checks, byCheck);
                    missing += found.Missing;
                }
            }

            return new HealthOfService(service.Id, service.Number, service.Name, needed.Count, byCheck.Values.Sum())
            {
                ByCheck = byCheck, Completeness = Percent(required - missing, required),
            };
        }).OrderByDescending(service => service.Findings).ThenBy(service => service.Name, StringComparer.OrdinalIgnoreCase)
            .Take(ConfigurationHealth.MostServices),
    ];

    private static void Count(IEnumerable<HealthCheck> checks, Dictionary<string, int> counts)
    {
        foreach (var check in checks.Select(one => BsonMapping.Value(one).AsString))
        {
            counts[check] = counts.GetValueOrDefault(check) + 1;
        }
    }

    private static int Percent(long there, long required) => required == 0 ? 100 : (int)(Math.Max(0, there) * 100 / required);

    private sealed class Tally
    {
        public int Items { get; set; }

        /// <summary>How much is required of each.</summary>
        public int OfEach { get; set; }

        public long Required { get; set; }

        public long There { get; set; }

        public Dictionary<string, int> Findings { get; } = [];
    }
}
