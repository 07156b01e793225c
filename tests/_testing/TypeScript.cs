using System.ComponentModel;
using Xunit;

namespace Itsm.Testing;

/// <summary>What front-end teams do: generate a client's types from the contract, and compile against them.</summary>
public static class TypeScript
{
    /// <summary>Compiles a folder of this repository, which has a <c>package.json</c> and a <c>tsconfig.json</c>, against the contract of a
    /// suite; skips the test where npm or its packages can't be had.</summary>
    /// <returns>The folder with what was made of it.</returns>
    public static async Task<string> CompileAsync(RunningSuite suite, params string[] source)
    {
        var folder = System.IO.Directory.CreateDirectory(Path.Combine(suite.Data, "client")).FullName;
        foreach (var file in System.IO.Directory.GetFiles(SourceTree.PathTo(source)))
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
        return folder;

        async Task RunAsync(string tool, params IEnumerable<string> arguments)
        {
            var (code, output, error) = await new Command(Path.Combine(folder, "node_modules", ".bin", tool), [.. arguments]).RunAsync();
            Assert.True(code == 0, $"{tool}: {output} {error}");
        }
    }
}
