using Itsm.Incidents.Tests;
using Itsm.Testing;

[assembly: AssemblyFixture(typeof(IncidentsSuite))]

namespace Itsm.Incidents.Tests;

/// <summary>The service with the directory alone.</summary>
public class IncidentsSuite : RunningSuite
{
    protected override IReadOnlyList<string> Services => ["directory", "incidents"];
}

/// <summary>A suite of their own for tests that move its clock or change its settings; they run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class OwnSuite : ICollectionFixture<OwnSuite.Suite>
{
    public const string Name = "Own suite";

    public sealed class Suite : IncidentsSuite;
}
