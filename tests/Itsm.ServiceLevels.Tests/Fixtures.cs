using Itsm.ServiceLevels.Tests;
using Itsm.Testing;

[assembly: AssemblyFixture(typeof(ServiceLevelsSuite))]

namespace Itsm.ServiceLevels.Tests;

/// <summary>The service with a kind of ticket that it measures.</summary>
public sealed class ServiceLevelsSuite : RunningSuite
{
    protected override IReadOnlyList<string> Services => ["directory", "incidents", "service-levels"];
}

/// <summary>A suite of their own for tests that move its clock or publish editions; they run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class OwnSuite : ICollectionFixture<OwnSuite.Suite>
{
    public const string Name = "Own suite";

    /// <summary>With the stream that tells of warnings and breaches.</summary>
    public sealed class Suite : RunningSuite
    {
        protected override IReadOnlyList<string> Services => ["directory", "incidents", "notifications", "service-levels"];
    }
}
