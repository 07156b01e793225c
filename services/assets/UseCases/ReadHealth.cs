using Itsm.Assets.Domain;
using Itsm.Assets.Health;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Assets.UseCases;

/// <summary>How complete and how right the configuration items are: figures, and what is wrong with each.</summary>
internal static class ReadHealth
{
    private const int MostNeeded = 1_000;

    private static readonly QueryParameter<string> Service = new("service", QueryValue.Text(60),
        "Of the service with this id, number or key, and of what it needs: of the nearest 1,000 items that the caller sees.");

    /// <summary>A run that was asked for.</summary>
    /// <param name="AskedAt">It has ended once the figures have a <c>startedAt</c> that is not before this.</param>
    public sealed record RequestedRun(DateTimeOffset AskedAt);

    public static void Map(IEndpointRouteBuilder health)
    {
        health.MapGet("", (Read read, AggregateStore<ConfigurationHealth> store, CancellationToken ct) =>
                read.OneAsync(store, ConfigurationHealth.TheOne.ToString(), ct))
            .WithName("GetConfigurationHealth").WithSummary("Reads how complete and how right all configuration items are")
            .WithDescription("As of the last run, which begins every 6 hours. The figures are of all items, whoever sees them.")
            .Requires(Permissions.DefineClasses).Reads<ConfigurationHealth>();
        health.MapPost("runs", async (Write write, AggregateStore<ConfigurationHealth> store, CancellationToken ct) =>
            {
                var audit = write.ActOf("run", null, store.Clock);
                await store.UpdateAsync(ConfigurationHealth.TheOne, audit, one => one.Ask(audit.At), ct);
                return TypedResults.Accepted((string?)null, new RequestedRun(audit.At));
            })
            .WithName("RunConfigurationHealth").WithSummary("Has all configuration items looked at anew")
            .Requires(Permissions.EditItems).Produces<RequestedRun>(StatusCodes.Status202Accepted);
        health.MapGet("findings", async (ListQuery list, HttpRequest request, AggregateStore<ConfigurationItem> items,
                ConfigurationMap map, Projection<HealthFinding> findings, CancellationToken ct) => await list.PageAsync(findings,
                    HealthFinding.Lists, ct, Service.TryRead(request, out var service)
                        ? [Condition.In("item", await NeededAsync(service, list.Caller, items, map, ct))]
                        : []))
            .WithName("ListConfigurationHealthFindings").WithSummary("Lists what is wrong with configuration items, by the last run")
            .WithDescription("Of items that the caller sees; what tells of several items is for those who see all of them. While a run "
                + "goes on its findings stand beside those of the one before. Where fewer people may see an item than when it was looked "
                + "at, what tells of it is gone until the next run.")
            .Requires(Permissions.ReadHistory).Lists<HealthFinding>(HealthFinding.Lists, Service);
    }

    private static async ValueTask<IReadOnlyList<BsonValue>> NeededAsync(
        string service, Caller caller, AggregateStore<ConfigurationItem> items, ConfigurationMap map, CancellationToken ct)
    {
        if (await items.RecallAsync(service, ct) is not { Class: ConfigurationClass.ItService } item || !caller.Sees(item.Readers))
        {
            throw HttpProblemException.Invalid("?service", FieldCode.NotFound, $"There is no service {service.Quoted} that you can see.");
        }

        var needed = (await map.ViewAsync(caller, null, ct)).Requirements(item.Id).Hits.Select(hit => hit.Item);
        return [.. needed.Prepend(item.Id).Take(MostNeeded).Select(id => BsonMapping.Value(id))];
    }
}
