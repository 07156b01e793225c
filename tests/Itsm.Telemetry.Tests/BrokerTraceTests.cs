using Itsm.Testing;

namespace Itsm.Telemetry.Tests;

[OuterTier]
[Collection(Observed.Name)]
public sealed class BrokerTraceTests(ObservedOverRabbitMq suite) : IClassFixture<ObservedOverRabbitMq>, IAsyncLifetime
{
    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_trace_of_a_create_is_whole_over_RabbitMQ()
    {
        var id = await ObservedSuite.TracedAsync(() => suite.OpenAsync());
        TraceOfCreate.RequireOnePath(await TraceOfCreate.UntilWholeAsync(() => suite.Spans().Where(span => span.TraceId == id)));
    }
}
