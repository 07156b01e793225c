using System.Diagnostics.Metrics;

namespace Itsm.Platform.Messaging;

/// <summary>The metric of what waits for each subscription, whichever bus carries it.</summary>
internal static class ConsumerLag
{
    private const string Name = "itsm.consumer.lag";
    private const string Unit = "{message}";
    private const string Description = "Messages that wait for the handler of a subscription.";

    public static Measurement<long> Of(string subscription, long waiting) =>
        new(waiting, new KeyValuePair<string, object?>("subscription", subscription));

    public static void Observe(Meter meter, Func<IEnumerable<Measurement<long>>> read) =>
        meter.CreateObservableGauge(Name, read, Unit, Description);
}
