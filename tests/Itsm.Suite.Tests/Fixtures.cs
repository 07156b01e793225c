using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>The whole suite for tests that run one after another: none writes under another.</summary>
[CollectionDefinition(Name)]
public sealed class WholeSuite : ICollectionFixture<RunningSuite>
{
    public const string Name = "Whole suite";
}
