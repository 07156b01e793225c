using System.Diagnostics;
using Itsm.Platform.Telemetry;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;

namespace Itsm.Platform.Tests.Telemetry;

public sealed class TraceSamplerTests
{
    [Theory]
    [InlineData(true, "0", false)]
    [InlineData(true, "1", true)]
    [InlineData(false, "0", true)]
    public void A_caller_that_asks_for_a_trace_gets_it_from_a_service_and_from_the_gateway_by_its_ratio(
        bool isDoor, string ratio, bool traced)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["OTEL_TRACES_SAMPLER"] = "traceidratio", ["OTEL_TRACES_SAMPLER_ARG"] = ratio,
        }).Build();
        var trace = ActivityTraceId.CreateRandom();
        var caller = new ActivityContext(trace, ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);
        var decision = new TraceSampler(settings, isDoor).ShouldSample(new SamplingParameters(caller, trace, "GET", ActivityKind.Server));
        Assert.Equal(traced ? SamplingDecision.RecordAndSample : SamplingDecision.Drop, decision.Decision);
    }
}
