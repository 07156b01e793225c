using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Itsm.Platform.Telemetry;

/// <summary>Exports each span as one of the service whose it is: services that share a process are told apart by their resource, as those
/// that have one of their own.</summary>
/// <param name="make">Makes the exporter of a service.</param>
internal sealed class ServiceExporter(Func<BaseExporter<Activity>> make) : BaseExporter<Activity>
{
    private const string NameKey = "service.name";
    private readonly Dictionary<string, Exporter> _exporters = [];

    public override ExportResult Export(in Batch<Activity> batch)
    {
        var (own, result) = (ParentProvider.GetResource(), ExportResult.Success);
        Dictionary<string, List<Activity>> services = [];
        foreach (var span in batch)
        {
            var service = Instruments.ServiceOf(span) ?? NameOf(own);
            (services.TryGetValue(service, out var spans) ? spans : services[service] = []).Add(span);
        }

        foreach (var (service, spans) in services)
        {
            if (!_exporters.TryGetValue(service, out var exporter))
            {
                _exporters[service] = exporter = Exporter.Of(make(), own, service);
            }

            var exported = exporter.Spans.Export(new Batch<Activity>([.. spans], spans.Count));
            result = exported == ExportResult.Failure ? exported : result;
        }

        return result;
    }

    protected override bool OnShutdown(int timeoutMilliseconds) =>
        _exporters.Values.Aggregate(true, (all, one) => one.Spans.Shutdown(timeoutMilliseconds) && all);

    protected override void Dispose(bool disposing)
    {
        foreach (var exporter in _exporters.Values)
        {
            exporter.Provider.Dispose();
        }

        base.Dispose(disposing);
    }

    private static string NameOf(Resource resource) =>
        resource.Attributes.FirstOrDefault(one => one.Key == NameKey).Value?.ToString() ?? "";

    /// <param name="Spans">Takes the spans.</param>
    /// <param name="Provider">Hears no source: an exporter has its resource from the provider that it belongs to.</param>
    private sealed record Exporter(BaseExporter<Activity> Spans, TracerProvider Provider)
    {
        public static Exporter Of(BaseExporter<Activity> spans, Resource own, string service) => new(spans,
            Sdk.CreateTracerProviderBuilder()
                .ConfigureResource(resource => resource.Clear().AddAttributes(
                    own.Attributes.Where(one => one.Key != NameKey).Append(new(NameKey, service))))
                .AddProcessor(new SimpleActivityExportProcessor(spans)).Build());
    }
}
