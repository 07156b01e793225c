using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Requests.Ordering;
using Itsm.Ticketing;

namespace Itsm.Requests.UseCases;

/// <summary>Reads the questions that a request answers, and those to whoever does one of its tasks.</summary>
internal static class ReadForms
{
    /// <summary>A task with its questions.</summary>
    /// <param name="Task">As it stands.</param>
    /// <param name="Form">What is to be answered when it is completed.</param>
    public sealed record TaskResponse(RequestTask Task, Form Form);

    public static void Map(IEndpointRouteBuilder requests)
    {
        requests.MapGet("{id}/form",
            async (string id, Read read, AggregateStore<ServiceRequest> store, Catalog catalog, CancellationToken ct) =>
                await catalog.FormOfAsync(AggregateStore<ServiceRequest>.Load(await read.FindAsync(store, id, ct)), ct))
            .WithName("GetRequestForm").WithSummary("Reads the questions that a request answers, as they were when it was ordered; for a "
                + "draft, as they are now").Requires(Permissions.Read).Produces<Form>();
        requests.MapGet("{id}/tasks/{task}",
            async (string id, string task, Read read, AggregateStore<ServiceRequest> store, Catalog catalog, CancellationToken ct) =>
            {
                var request = AggregateStore<ServiceRequest>.Load(await read.FindAsync(store, id, ct));
                request.RequireWorker(read.Caller, Permissions.Work);
                return new TaskResponse(MoveTask.Find(request, task), await catalog.FormOfTaskAsync(request, task, ct));
            })
            .WithName("GetRequestTask").WithSummary("Reads a task with the questions that are answered when it is completed")
            .Requires(Permissions.Work).Produces<TaskResponse>();
    }
}
