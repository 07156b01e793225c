using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;

namespace Itsm.Assets.UseCases;

/// <summary>The caller wants to be told of changes of a service's state, or no longer.</summary>
internal static class SubscribeToService
{
    public static void Map(IEndpointRouteBuilder services)
    {
        services.MapPut("{id}/subscription", SubscribeAsync)
            .WithName(nameof(SubscribeToService)).WithSummary("Has the caller told when the state of a service changes")
            .WithDescription("Each change comes to them as a serviceNotice on the stream, beside the serviceStatus for all who may use the "
                + "service, as long as they may.")
            .Requires(Permissions.ReadItems).Produces<ReadServices.ServiceStatus>();
        services.MapDelete("{id}/subscription", UnsubscribeAsync)
            .WithName("UnsubscribeFromService").WithSummary("Has the caller no longer told when the state of a service changes")
            .WithDescription("No serviceNotice comes any more. 204 for who was told and may not see the service any more.")
            .Requires(Permissions.ReadItems).Produces<ReadServices.ServiceStatus>().Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<ReadServices.ServiceStatus> SubscribeAsync(
        string id, ReadServices read, AggregateStore<ServiceStatus> statuses, ServiceStatuses known, Caller caller, CancellationToken ct)
    {
        var service = await read.FindAsync(id, caller, ct);
        var audit = AuditOf("subscribe", caller, statuses.Clock);
        await known.AddMissingAsync(service, audit, ct);
        await statuses.UpdateAsync(service.Id, audit, status => status.Subscribe(caller.Person, true), ct);
        return await read.OneAsync(id, caller, ct);
    }

    private static async Task<IResult> UnsubscribeAsync(
        string id, ReadServices read, AggregateStore<ServiceStatus> statuses, AggregateStore<ConfigurationItem> items, Caller caller,
        CancellationToken ct)
    {
        if (await items.FindSurvivorAsync(id, ct) is not { Class: ConfigurationClass.ItService } service)
        {
            throw HttpProblemException.NotFound("service", id);
        }

        var (sees, subscribed) = (caller.Sees(service.Readers),
            (await statuses.FindAsync(service.Id, ct))?.Subscribers.Contains(caller.Person) == true);
        if (!sees && !subscribed)
        {
            throw HttpProblemException.NotFound("service", id);
        }

        if (subscribed)
        {
            await statuses.UpdateAsync(service.Id, AuditOf("unsubscribe", caller, statuses.Clock),
                status => status.Subscribe(caller.Person, false), ct);
        }

        return sees ? Results.Ok(await read.OneAsync(id, caller, ct)) : Results.NoContent();
    }

    private static AuditContext AuditOf(string action, Caller caller, TimeProvider clock) =>
        AuditContext.OfService("assets", action, clock) with { By = caller.Actor };
}
