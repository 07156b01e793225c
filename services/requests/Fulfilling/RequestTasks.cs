using System.Text.Json;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Requests.Domain;
using Itsm.Requests.Ordering;
using Itsm.Ticketing.Tasks;
using Microsoft.Extensions.Options;

namespace Itsm.Requests.Fulfilling;

/// <summary>Tasks of requests: their forms, and when they are due in working time.</summary>
internal sealed class RequestTasks(Fulfillment fulfillment, Catalog catalog, AnswerReader reader, IOptions<RequestSettings> settings)
    : TicketTasks<ServiceRequest>(settings.Value)
{
    public override TicketTask New(string key, string title, TaskKind? kind) => kind is null
        ? new RequestTask { Key = key, Kind = StepKind.Work, Title = title }
        : throw new InvalidValueException("/kind", FieldCode.Conflicting, $"What is added to a request is work; there are no kinds of it.");

    public override async ValueTask<TaskDeadlines> DeadlinesAsync(ServiceRequest ticket, CancellationToken ct) =>
        await fulfillment.DeadlinesAsync(ticket.Tasks, ct);

    public override async ValueTask MoveAsync(ServiceRequest ticket, string key, string action, string? outcome,
        IReadOnlyDictionary<string, JsonElement>? answers, AuditContext audit, CancellationToken ct)
    {
        ticket.RequireTaskMove(key, action, outcome);
        if (action != "complete")
        {
            await base.MoveAsync(ticket, key, action, outcome, answers, audit, ct);
            return;
        }

        var form = await catalog.FormOfTaskAsync(ticket, key, ct);
        var (read, _) = await reader.ReadAsync(form, answers ?? new Dictionary<string, JsonElement>(), ItemKind.Standard, whole: true, ct);
        ticket.Complete(key, outcome, read, await DeadlinesAsync(ticket, ct), audit);
    }

    public override async ValueTask<TicketTask> ShowAsync(ServiceRequest ticket, TicketTask task, CancellationToken ct) =>
        (RequestTask)task with { Form = await catalog.FormOfTaskAsync(ticket, task.Key, ct) };
}
