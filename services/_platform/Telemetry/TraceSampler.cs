using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using MongoDB.Driver;
using OpenTelemetry.Trace;

namespace Itsm.Platform.Telemetry;

/// <summary>Takes what belongs to a request, a message or a timer that is traced. What asks an engine or another program on its own
/// account, as sweeps and probes do, begins no trace.</summary>
/// <param name="settings">With OpenTelemetry's own variables.</param>
/// <param name="isDoor">True at the gateway: what callers ask to be traced is traced by the same ratio as all else.</param>
internal sealed class TraceSampler(IConfiguration settings, bool isDoor) : Sampler
{
    private readonly ParentBasedSampler _begun = Begun(RootOf(settings), isDoor);

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        samplingParameters.Kind == ActivityKind.Client && (samplingParameters.ParentContext.TraceId == default || IsInsideOperation())
            ? new SamplingResult(SamplingDecision.Drop)
            : _begun.ShouldSample(samplingParameters);

    /// <summary>MongoDB's driver makes a span of an operation and, below it, one of its command: the first says both.</summary>
    private static bool IsInsideOperation() => Activity.Current?.Source.Name == MongoTelemetry.ActivitySourceName;

    private static ParentBasedSampler Begun(Sampler root, bool isDoor) => isDoor ? new(root, root, root) : new(root);

    /// <summary>As OpenTelemetry's variables say, which count for nothing where a sampler is set.</summary>
    private static Sampler RootOf(IConfiguration settings)
    {
        var (name, argument) = (settings["OTEL_TRACES_SAMPLER"] ?? "", settings["OTEL_TRACES_SAMPLER_ARG"]);
        return name.EndsWith("always_off", StringComparison.Ordinal) ? new AlwaysOffSampler()
            : name.EndsWith("traceidratio", StringComparison.Ordinal)
                && double.TryParse(argument, CultureInfo.InvariantCulture, out var ratio) ? new TraceIdRatioBasedSampler(ratio)
            : new AlwaysOnSampler();
    }
}
