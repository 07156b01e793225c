using Itsm.Requests.Tests;
using Itsm.Testing;

[assembly: AssemblyFixture(typeof(RequestSuite))]

namespace Itsm.Requests.Tests;

/// <summary>The service with the directory alone, and with a program that its automated steps call.</summary>
public class RequestSuite : RunningSuite
{
    public const string Secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTw==";

    /// <summary>What automated steps of tests call, as <c>http://receiver.test</c>.</summary>
    public Receiver Receiver { get; } = new(Secret);

    protected override IReadOnlyList<string> Services => ["directory", "requests"];

    public override async ValueTask InitializeAsync()
    {
        await Receiver.StartAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Receiver.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override void Configure(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder)
    {
        builder.Configuration["Webhooks:Secrets:test"] = Secret;
        builder.Configuration["Webhooks:InternalHosts:receiver.test"] = Receiver.Address;
        builder.Configuration["Webhooks:Timeout"] = "00:00:20";
        builder.Configuration["Requests:PublicAddress"] = "http://gateway.test";
    }
}

/// <summary>A suite of their own for tests that move its clock or need others; they run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class OwnSuite : ICollectionFixture<OwnSuite.Suite>
{
    public const string Name = "Own suite";

    /// <summary>With those that follow requests.</summary>
    public sealed class Suite : RequestSuite
    {
        protected override IReadOnlyList<string> Services => ["directory", "notifications", "requests", "search", "service-levels"];
    }
}
