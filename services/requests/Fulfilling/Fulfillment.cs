using System.Globalization;
using System.Text.Json;
using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.WorkingTime;
using Itsm.Requests.Domain;
using Itsm.Requests.Ordering;
using Itsm.Ticketing;
using Microsoft.Extensions.Options;
using Itsm.Ticketing.Tasks;

namespace Itsm.Requests.Fulfilling;

/// <summary>Carries out plans. Each step looks at the request as it is, so that it may run twice, in any order.</summary>
internal sealed class Fulfillment(
    AggregateStore<ServiceRequest> requests, Catalog catalog, Leavers leavers, People people, Calendars calendars,
    IOptions<RequestSettings> settings, TimeProvider clock)
{
    private const int PageSize = 200;

    /// <summary>Begins the work on what is approved.</summary>
    public async Task BeginAsync(Guid id, CancellationToken ct)
    {
        if (await requests.FindAsync(id, ct) is not { State: RequestState.Approved } request)
        {
            return;
        }

        var audit = OwnAct("begin");
        var (item, content) = await catalog.OfAsync(request, ct);
        var about = await people.FindPersonAsync(request.About, ct);
        var fields = RequestFields.Add(request.Fields(), item, content, about, request.OpenedBy, request.ParentItem);
        var tasks = new List<RequestTask>();
        foreach (var step in content.Plan)
        {
            tasks.Add(await TaskAsync(step, request, fields, about, ct));
        }

        if (request.ItemKind == ItemKind.Offboarding)
        {
            tasks.AddRange(await leavers.TasksAsync(request, withDeactivation: true, ct));
        }

        var expected =
            content.ExpectedDelivery is { } delivery ? (await calendars.FindAsync(about?.Calendar, ct)).Add(audit.At, delivery) : null;
        var deadlines = await DeadlinesAsync(tasks, ct);
        await requests.UpdateAsync(id, audit, one =>
        {
            if (one.State == RequestState.Approved)
            {
                one.Begin(tasks, expected, deadlines, audit);
            }
        }, ct);
    }

    /// <summary>Orders what tasks of the plan order, as its own requests, for the person whom the request is about.</summary>
    public async Task OrderAsync(Guid id, CancellationToken ct)
    {
        if (await requests.FindAsync(id, ct) is not { State: RequestState.InFulfillment } request)
        {
            return;
        }

        var (_, content) = await catalog.OfAsync(request, ct);
        foreach (var task in request.Tasks.Where(task => task is { Kind: StepKind.Request, State: TaskState.Open, Request: null }))
        {
            var audit = OwnAct("order") with { Reason = $"{request.Number}: {task.Title}" };
            try
            {
                var child = await OrderAsync(request, task, content.Plan.First(step => step.Key == task.Key).Order!, audit, ct);
                await NoteChildAsync(id, child, ct);
            }
            catch (Exception e) when (e is HttpProblemException or InvalidValueException or RuleViolationException)
            {
                await requests.UpdateAsync(id, audit,
                    one => one.NoteRefusedOrder(task.Key, task.Run, $"It could not be ordered: {e.Message}", audit), ct);
            }
        }
    }

    /// <summary>Tells the request that ordered another one how that stands; where it was cancelled meanwhile, or does not need it any more,
    /// the other is cancelled, too.</summary>
    public async Task NoteChildAsync(Guid parent, Guid child, CancellationToken ct)
    {
        var audit = OwnAct("follow");
        var above = await requests.UpdateAsync(parent, audit, async one =>
        {
            if (await requests.FindAsync(child, ct) is { } now)
            {
                one.NoteChild(now, await DeadlinesAsync(one.Tasks, ct), audit);
            }
        }, ct);
        if (above is { State: RequestState.Cancelled })
        {
            await CancelAsync(child, $"{above.Number} was cancelled.", ct);
        }
        else if (above?.Tasks.Any(task => task.State == TaskState.Skipped && task.ChildIn(parent) == child) == true)
        {
            await CancelAsync(child, "It is not needed any more.", ct);
        }
    }

    /// <summary>What a task ordered that is not needed any more is cancelled.</summary>
    public async Task CancelSkippedAsync(Guid id, CancellationToken ct)
    {
        foreach (var child in (await requests.FindAsync(id, ct))
            ?.Tasks.Where(task => task is { Kind: StepKind.Request, State: TaskState.Skipped }).Select(task => task.Request).OfType<Guid>()
            ?? [])
        {
            await CancelAsync(child, "It is not needed any more.", ct);
        }
    }

    /// <summary>What a cancelled request ordered, and is not delivered yet, is cancelled with it.</summary>
    public async Task CancelChildrenAsync(Guid id, string number, CancellationToken ct)
    {
        var query = new DocumentQuery([Condition.In("parent", BsonMapping.Value(id))], "openedAt", false, null, PageSize);
        await foreach (var child in requests.Documents.AllAsync(query, ct))
        {
            await CancelAsync(child.Id, $"{number} was cancelled.", ct);
        }
    }

    /// <summary>Working time on the calendars of these tasks.</summary>
    public async ValueTask<Deadlines> DeadlinesAsync(IEnumerable<RequestTask> tasks, CancellationToken ct)
    {
        var schedules = new Dictionary<string, WorkingSchedule>();
        foreach (var key in tasks.Where(task => task is { Within: not null, Calendar: not null }).Select(task => task.Calendar!).Distinct())
        {
            schedules[key] = await calendars.FindAsync(key, ct);
        }

        return new Deadlines(settings.Value.CloseAfter, schedules);
    }

    /// <summary>A change by the service itself.</summary>
    public AuditContext OwnAct(string action) => AuditContext.OfService("requests", action, clock);

    private Task<ServiceRequest?> CancelAsync(Guid child, string reason, CancellationToken ct)
    {
        var audit = OwnAct("cancel") with { Reason = reason };
        return requests.UpdateAsync(child, audit, one =>
        {
            if (RequestLifeCycle.Table.WhyNot(one.State, Moves.Cancel) is null)
            {
                one.Move(Moves.Cancel, default, audit);
            }
        }, ct);
    }

    private async ValueTask<Guid> OrderAsync(
        ServiceRequest parent, RequestTask task, OrderRule rule, AuditContext audit, CancellationToken ct)
    {
        var id = task.ChildIn(parent.Id);
        if (await requests.FindAsync(id, ct) is not null)
        {
            return id;
        }

        var item = await catalog.RequireAsync(rule.Item, caller: null, ct);
        var (questions, given, answers) = (item.Published!.Form.Properties, Catalog.GivenBy(parent), new Dictionary<string, JsonElement>());
        foreach (var (question, text) in rule.Answers)
        {
            var type = questions.GetValueOrDefault(question)?.Type;
            if (RequestFields.Placeholder(text) is not { } asked)
            {
                answers[question] = AsJson(text, type);
            }
            else if (given.TryGetValue(asked, out var answer))
            {
                answers[question] = answer.ValueKind == JsonValueKind.String ? AsJson(answer.GetString()!, type) : answer;
            }
        }

        var child = await catalog.OrderAsync(
            new Order
            {
                Id = id, Item = item, Requester = await people.RequirePersonAsync(parent.About.ToString(), "/requester", ct),
                OpenedBy = parent.OpenedBy, Parent = parent.Id, ParentTask = task.Key, ParentItem = parent.ItemKey, Answers = answers,
            }, audit, ct);
        return await requests.AddMissingAsync(child, audit, ct) || await requests.FindAsync(id, ct) is not null
            ? id : throw new RuleViolationException("duplicate", $"Another request is about the same by now.");
    }

    /// <summary>A text as the type that its question asks for.</summary>
    private static JsonElement AsJson(string text, string? type) => type switch
    {
        "integer" when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) =>
            JsonSerializer.SerializeToElement(whole),
        "number" when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
            JsonSerializer.SerializeToElement(number),
        "boolean" when text is "true" or "false" => JsonSerializer.SerializeToElement(text == "true"),
        "array" => JsonSerializer.SerializeToElement(new[] { text }),
        _ => JsonSerializer.SerializeToElement(text),
    };

    private async ValueTask<RequestTask> TaskAsync(
        PlanStep step, ServiceRequest request, FieldValues fields, PersonChanged? about, CancellationToken ct)
    {
        var group = step.Group is { } named && await people.FindGroupAsync(named, ct) is { Active: true } active
            ? active
            : request.AssignmentGroup is { } own ? await people.FindGroupAsync(own, ct)
            : null;
        var calendar = group?.Calendar ?? about?.Calendar;
        var date = step.Due?.Date is { } question && request.AnswerTo(question) is { } text
            ? DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture)
            : (DateOnly?)null;
        return new RequestTask
        {
            Key = step.Key, Kind = step.Kind, Title = step.Title, Description = step.Description, After = step.After,
            AssignmentGroup = group?.Id, GroupName = group?.Name, State = fields.Meet(step.When) ? TaskState.Waiting : TaskState.Skipped,
            Within = step.Due?.Within, Calendar = calendar,
            DueAt =
                date is { } day ? (await calendars.FindAsync(calendar, ct)).EndOfWorkingDay(day, step.Due!.Days, about?.TimeZone) : null,
        };
    }
}
