using System.Runtime.CompilerServices;
using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;

namespace Itsm.Assets.Import;

/// <summary>What items of a report are known by is looked up for many together.</summary>
internal sealed partial class Reconciling
{
    /// <summary>Looked up together; what others make meanwhile is found by the attempt after.</summary>
    private const int LookedUp = 100;
    private const int MostMarks = 1_000;

    /// <summary>Some at a time with what is known by their marks, and by what the source calls those that they lead to. Two items of
    /// which one may be the other are in different slices.</summary>
    private async IAsyncEnumerable<(IReadOnlyList<int> Some, ILookup<Guid, ConfigurationItem> Known)> SlicesAsync(
        Report report, IReadOnlyList<ReportedItem> reported, IEnumerable<int> which, [EnumeratorCancellation] CancellationToken ct)
    {
        var (some, marks, targets) = (new List<int>(), new HashSet<Guid>(), new List<Guid>());
        foreach (var at in which)
        {
            var own = await MarksAsync(report, reported[at], ct);
            if (some.Count == LookedUp || marks.Count + targets.Count >= MostMarks || own.Exists(marks.Contains))
            {
                yield return (some, await matching.KnownAsync(marks.Concat(targets), ct));
                (some, marks, targets) = ([], [], []);
            }

            some.Add(at);
            marks.UnionWith(own);
            targets.AddRange(TargetsOf(report, reported[at]));
        }

        if (some.Count > 0)
        {
            yield return (some, await matching.KnownAsync(marks.Concat(targets), ct));
        }
    }

    private static IEnumerable<Guid> TargetsOf(Report report, ReportedItem item) => (item.Relations ?? []).Take(ReportedItem.MostRelations)
        .Select(one => one.ExternalId).OfType<string>().Select(id => ConfigurationItem.IdentityOf(report.Source, id));

    /// <returns>None for what says itself, when its turn comes, what is wrong with it.</returns>
    private async ValueTask<List<Guid>> MarksAsync(Report report, ReportedItem item, CancellationToken ct)
    {
        try
        {
            return ItemMatching.MarksOf(report.Source, item, await ClassAsync(report, item.Class, ct));
        }
        catch (InvalidValueException)
        {
            return [];
        }
    }

    private async ValueTask<ConfigurationClass> ClassAsync(Report report, string named, CancellationToken ct) =>
        report.Classes.TryGetValue(named, out var known)
            ? known
            : report.Classes[named] = await lookup.RequireClassAsync(named, "/class", ct);
}
