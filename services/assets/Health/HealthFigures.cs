using Itsm.Assets.Domain;
using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Itsm.Ticketing.Configuration;

namespace Itsm.Assets.Health;

/// <summary>What a run has counted so far.</summary>
internal sealed class HealthFigures
{
    private readonly SortedDictionary<string, Tally> _classes = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, int> _findings = [];
    private readonly List<(Guid Id, string Number, string Name)> _services = [];

    /// <summary>By class.</summary>
    public IReadOnlyList<HealthOfClass> Classes =>
        [.. _classes.Select(of => new HealthOfClass(of.Key, of.Value.Items, of.Value.Findings,
            (int)(of.Value.There * 100 / of.Value.Required)))];

    /// <summary>Counts an item.</summary>
    public void Add(ConfigurationItem item, IReadOnlyList<(string Field, bool IsThere)> required, IReadOnlyList<Found> found)
    {
        if (!_classes.TryGetValue(item.Class, out var tally))
        {
            _classes[item.Class] = tally = new();
        }

        tally.Items++;
        tally.Required += required.Count;
        tally.There += required.Count(one => one.IsThere);
        foreach (var check in found.Select(one => BsonMapping.Value(one.Check).AsString))
        {
            tally.Findings[check] = tally.Findings.GetValueOrDefault(check) + 1;
        }

        if (found.Count > 0)
        {
            _findings[item.Id] = found.Count;
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
            return new HealthOfService(service.Id, service.Number, service.Name, needed.Count,
                needed.Sum(item => _findings.GetValueOrDefault(item)));
        }).OrderByDescending(service => service.Findings).ThenBy(service => service.Name, StringComparer.OrdinalIgnoreCase)
            .Take(ConfigurationHealth.MostServices),
    ];

    private sealed class Tally
    {
        public int Items { get; set; }

        public long Required { get; set; }

        public long There { get; set; }

        public Dictionary<string, int> Findings { get; } = [];
    }
}
