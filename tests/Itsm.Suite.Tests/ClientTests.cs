using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>What front-end teams do: generate a client's types from the contract, and compile against them.</summary>
[Collection(WholeSuite.Name), OuterTier]
public sealed class ClientTests(RunningSuite suite)
{
    [Fact]
    public async Task A_strict_TypeScript_client_compiles_against_the_contract() =>
        await TypeScript.CompileAsync(suite, "tests", "Itsm.Suite.Tests", "Client");
}
