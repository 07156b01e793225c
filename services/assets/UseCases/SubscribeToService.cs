using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;

namespace Itsm.Assets.UseCases;

/// <summary>The caller wants to be told of changes of a service's state, or no longer.</summary>
internal static class SubscribeToService
{
    public static void Map(IEndpointRouteBuilder services)
    {
        services.MapPut("{id}/subscription", (string id, ReadServices read, AggregateStore<ServiceStatus> statuses, Caller caller,
                CancellationToken ct) => SubscribeAsync(id, true, read, statuses, caller, ct))
            .WithName(nameof(SubscribeToService)).WithSummary("Has the caller told when the state of a service changes")
            .Requires(Permissions.ReadItems).Produces<ReadServices.ServiceStatus>();
        services.MapDelete("{id}/subscription", (string id, ReadServices read, AggregateStore<ServiceStatus> statuses, Caller caller,
                CancellationToken ct) => SubscribeAsync(id, false, read, statuses, caller, ct))
            .WithName("UnsubscribeFromService").WithSummary("Has the caller no longer told when the state of a service changes")
            .Requires(Permissions.ReadItems).Produces<ReadServices.ServiceStatus>();
    }

    private static async Task<ReadServices.ServiceStatus> SubscribeAsync(
        string id, bool wants, ReadServices read, AggregateStore<ServiceStatus> statuses, Caller caller, CancellationToken ct)
    {
        var service = await read.FindAsync(id, caller, ct);
        var audit = AuditContext.OfService("assets", wants ? "subscribe" : "unsubscribe", statuses.Clock) with { By = caller.Actor };
        if (await statuses.FindAsync(service.Id, ct) is null)
        {
            var status = ServiceStatus.Of(service, audit.At);
            status.Check(audit.At);
            await statuses.AddMissingAsync(status, audit, ct);
        }

        await statuses.UpdateAsync(service.Id, audit, status => status.Subscribe(caller.Person, wants), ct);
        return await read.OneAsync(id, caller, ct);
    }
}
