using Itsm.Assets.Tests;
using Itsm.Testing;

[assembly: AssemblyFixture(typeof(AssetSuite))]

namespace Itsm.Assets.Tests;

/// <summary>The service with the directory alone.</summary>
public class AssetSuite : RunningSuite
{
    protected override IReadOnlyList<string> Services => ["assets", "directory"];
}

/// <summary>A suite of their own for tests that move its clock; they run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class OwnSuite : ICollectionFixture<OwnSuite.Suite>
{
    public const string Name = "Own suite";

    public sealed class Suite : AssetSuite;
}
