using Itsm.Testing;
using Microsoft.AspNetCore.Builder;

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

/// <summary>As <see cref="ObservedSuite"/>, with messages over RabbitMQ.</summary>
public sealed class ObservedOverRabbitMq : ObservedSuite
{
    private string? _broker;

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override async ValueTask StartAsync()
    {
        if (_broker is null)
        {
            _broker = await Engines.RabbitMqAsync();
            await base.InitializeAsync();
        }
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Configuration["ConnectionStrings:rabbitmq"] = _broker;
        builder.Configuration["Messaging:Prefix"] = "tests-" + Path.GetFileName(Data).Replace('.', '-');
        builder.Configuration["Messaging:QueueExpiry"] = "00:05:00";
    }
}
