using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.ServiceLevels.Domain;
using Itsm.ServiceLevels.UseCases;

namespace Itsm.ServiceLevels;

/// <summary>Turns what a request names into what an edition holds: people, groups and calendars that are known, conditions written
/// out.</summary>
internal sealed class Naming(People people, CatalogueSource catalogues)
{
    /// <exception cref="InvalidValueException">Something that is named is unknown.</exception>
    public async ValueTask<AgreementEdition> EditionAsync(ManageAgreements.EditionRequest request, DateTimeOffset now, CancellationToken ct)
    {
        var targets = new List<Target>();
        foreach (var target in request.Targets)
        {
            targets.Add(await TargetAsync(target, $"/edition/targets/{targets.Count}", ct));
        }

        var steps = new List<EscalationStep>();
        foreach (var step in request.Escalations ?? [])
        {
            var at = $"/edition/escalations/{steps.Count}";
            steps.Add(new EscalationStep
            {
                At = step.At, Metric = step.Metric, RaisePriority = step.RaisePriority ?? false,
                AssignTo = step.AssignTo is { } group ? await GroupAsync(group, at + "/assignTo", ct) : null,
                Notify = await EachAsync(step.Notify, at + "/notify", async (name, pointer) =>
                    (await people.FindPersonAsync(name, ct) ?? throw new InvalidValueException(pointer, FieldCode.NotFound,
                        $"No person {name.Quoted} is known.")).Id),
            });
        }

        var catalogue = await catalogues.GetAsync(ct);
        return new AgreementEdition
        {
            Number = 0, PublishedAt = now, EffectiveFrom = request.EffectiveFrom ?? now, Running = request.Running ?? RunningClocks.Keep,
            Calendar = catalogue.Calendar(request.Calendar)?.Key
                ?? throw new InvalidValueException("/edition/calendar", FieldCode.NotFound,
                    $"No calendar {request.Calendar.Quoted} is known."),
            CalendarFrom = request.CalendarFrom ?? CalendarSource.Agreement, TimeZoneFrom = request.TimeZoneFrom ?? TimeZoneSource.Calendar,
            TimeZone = request.TimeZone,
            ServiceTimeZones = request.ServiceTimeZones, Targets = targets, Warnings = request.Warnings ?? [], Escalations = steps,
            EscalatesOnAttach = request.EscalatesOnAttach ?? false,
        };
    }

    private async ValueTask<Target> TargetAsync(ManageAgreements.TargetRequest request, string at, CancellationToken ct)
    {
        if (request.Priorities?.FirstOrDefault(priority => priority is < 1 or > 5) is { } unknown and not 0)
        {
            throw new InvalidValueException(at + "/priorities", FieldCode.OutOfRange, $"A priority is 1 to 5, not {unknown}.");
        }

        var usual = Metrics.Of(request.Metric, request.AfterReply ?? false, pauses: request.Promise.Kind != PromiseKind.EndOfWorkingDay);
        return new Target
        {
            Key = request.Key, Metric = request.Metric, Promise = request.Promise, Kinds = request.Kinds ?? [],
            Priorities = request.Priorities ?? [], Services = request.Services ?? [],
            RequesterGroups = await EachAsync(request.RequesterGroups, at + "/requesterGroups", (name, pointer) =>
                GroupAsync(name, pointer, ct)),
            AssignmentGroups = await EachAsync(request.AssignmentGroups, at + "/assignmentGroups", (name, pointer) =>
                GroupAsync(name, pointer, ct)),
            Conditions = request.Conditions is { } own ? await WithIdsAsync(own, at + "/conditions", ct)
                : usual
                ?? throw new InvalidValueException(at + "/conditions", FieldCode.Required,
                    $"conditions are needed: {request.Metric} is none of firstResponse, nextUpdate and resolution."),
        };
    }

    private async ValueTask<Conditions> WithIdsAsync(Conditions conditions, string at, CancellationToken ct) => new()
    {
        Start = (await WithIdsAsync(conditions.Start, at, ct))!, Stop = (await WithIdsAsync(conditions.Stop, at, ct))!,
        Pause = await WithIdsAsync(conditions.Pause, at, ct), Resume = await WithIdsAsync(conditions.Resume, at, ct),
        Reset = await WithIdsAsync(conditions.Reset, at, ct), Cancel = await WithIdsAsync(conditions.Cancel, at, ct),
    };

    /// <summary>Groups by their ids, as tickets name them.</summary>
    private async ValueTask<Condition?> WithIdsAsync(Condition? condition, string at, CancellationToken ct)
    {
        if (condition is null)
        {
            return null;
        }

        return condition with
        {
            In = condition is { Field: "group", In: { } names }
                ? await EachAsync(names, at, async (name, pointer) =>
                    name == "none" ? name : (await GroupAsync(name, pointer, ct)).ToString())
                : condition.In,
            All = await AllAsync(condition.All), Any = await AllAsync(condition.Any), Not = await WithIdsAsync(condition.Not, at, ct),
        };

        async ValueTask<IReadOnlyList<Condition>?> AllAsync(IReadOnlyList<Condition>? inner) =>
            inner is null
                ? null
                : await EachAsync(inner, at, async (one, pointer) =>
                    (await WithIdsAsync(one, at, ct)) ?? throw new InvalidValueException(pointer, FieldCode.Required,
                        $"A condition is missing."));
    }

    private async ValueTask<Guid> GroupAsync(string name, string pointer, CancellationToken ct) =>
        (await people.FindGroupAsync(name, ct) ?? throw new InvalidValueException(pointer, FieldCode.NotFound,
            $"No group {name.Quoted} is known.")).Id;

    private static async ValueTask<IReadOnlyList<TOut>> EachAsync<TIn, TOut>(
        IReadOnlyList<TIn>? items, string pointer, Func<TIn, string, ValueTask<TOut>> one)
    {
        var results = new List<TOut>();
        foreach (var item in items ?? [])
        {
            results.Add(await one(item, $"{pointer}/{results.Count}"));
        }

        return results;
    }
}
