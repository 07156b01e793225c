using Itsm.Testing;

[assembly: AssemblyFixture(typeof(RunningSuite))]

namespace Itsm.ServiceLevels.Tests;

/// <summary>A suite of their own for tests that move its clock or publish editions; they run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class OwnSuite : ICollectionFixture<OwnSuite.Suite>
{
    public const string Name = "Own suite";

    public sealed class Suite : RunningSuite;
}
