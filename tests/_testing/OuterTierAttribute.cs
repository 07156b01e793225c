using Xunit;
using Xunit.v3;

namespace Itsm.Testing;

/// <summary>Marks tests that start processes, use real engines, or take more than five seconds; <c>./build/test --fast</c> leaves them
/// out.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class OuterTierAttribute : Attribute, ITraitAttribute
{
    private const string Name = "Tier";
    private const string Value = "outer";

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new(Name, Value)];

    /// <summary>Fails the running test where it is not marked.</summary>
    internal static void Require()
    {
        var traits = TestContext.Current.TestMethod?.Traits ?? TestContext.Current.TestClass?.Traits;
        Assert.True(traits?.GetValueOrDefault(Name)?.Contains(Value) == true, "A test that uses real engines needs [OuterTier].");
    }
}
