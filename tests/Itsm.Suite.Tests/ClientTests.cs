using System.ComponentModel;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>What front-end teams do: generate a client's types from the contract, and compile against them.</summary>
[Collection(WholeSuite.Name), OuterTier]
public sealed class ClientTests(RunningSuite suite)
{
    [Fact]
    public async Task A_strict_TypeScript_client_compiles_against_the_contract()
    {
        var folder = System.IO.Directory.CreateDirectory(Path.Combine(suite.Data, "client")).FullName;
        foreach (var file in System.IO.Directory.GetFiles(SourceTree.PathTo("tests", "Itsm.Suite.Tests", "Client")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        var document = await suite.UntilAsync("", "/openapi/v1.json", document => document["x-unavailable"] is null);
        await File.WriteAllTextAsync(Path.Combine(folder, "api.json"), document.ToJsonString(), TestContext.Current.CancellationToken);
        try
        {
            var (code, _, error) = await new Command("npm", "install", "--prefix", folder, "--no-fund", "--no-audit").RunAsync();
            Assert.SkipUnless(code == 0, $"The packages of the client can't be had: {error}");
        }
        catch (Win32Exception)
        {
            Assert.Skip("npm is not installed.");
        }

        await RunAsync("openapi-typescript", Path.Combine(folder, "api.json"), "-o", Path.Combine(folder, "api.d.ts"));
        await RunAsync("tsc", "-p", folder);

        async Task RunAsync(string tool, params IEnumerable<string> arguments)
        {
            var (code, output, error) = await new Command(Path.Combine(folder, "node_modules", ".bin", tool), [.. arguments]).RunAsync();
            Assert.True(code == 0, $"{tool}: {output} {error}");
        }
    }
}
