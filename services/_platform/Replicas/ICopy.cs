using System.Text.Json;
using Itsm.Contracts.Platform;
using Itsm.Platform.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Platform.Replicas;

/// <summary>What a service keeps of another's things, whatever they are.</summary>
internal interface ICopy
{
    /// <summary>Whose copy it is: name of a service.</summary>
    string Service { get; }

    /// <summary>Short name of the messages that it is fed by.</summary>
    string Message { get; }

    /// <summary>Asks the owners for what it lacks.</summary>
    Task AskAsync(CancellationToken ct);

    /// <summary>False where no owner seems to have received the question.</summary>
    Task<bool> IsAnsweredAsync(CancellationToken ct);

    /// <summary>Takes in which things an owner has.</summary>
    Task CompareAsync(InventoryReported report, CancellationToken ct);

    /// <summary>Takes in messages that were asked for, as JSON.</summary>
    Task TakeAsync(IReadOnlyList<JsonElement> entities, CancellationToken ct);
}

/// <summary>The queues of a service to which the answers to its copies come.</summary>
internal static class CopyQueues
{
    public static string Reported(string service) => service + "-compare-copies";

    public static string Replayed(string service) => service + "-fill-copies";

    public static void Add(SubscriptionList subscriptions, string service)
    {
        subscriptions.AddSentOnly<InventoryReported>(service, Reported(service), (services, report, ct) =>
            Task.WhenAll(Copies(services, service, report.Message).Select(copy => copy.CompareAsync(report, ct))));
        subscriptions.AddSentOnly<EntitiesReplayed>(service, Replayed(service), (services, replayed, ct) =>
            Task.WhenAll(Copies(services, service, replayed.Message).Select(copy => copy.TakeAsync(replayed.Entities, ct))));
    }

    private static IEnumerable<ICopy> Copies(IServiceProvider services, string service, string message) =>
        services.GetServices<ICopy>().Where(copy => copy.Service == service && copy.Message == message);
}
