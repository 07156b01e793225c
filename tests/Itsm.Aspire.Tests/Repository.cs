using System.Reflection;
using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Aspire.Tests;

/// <summary>The sources that these tests were built from, and what runs beside the tests.</summary>
[OuterTier]
internal static class Repository
{
    public static string Read(params string[] path) => File.ReadAllText(SourceTree.PathTo(path));

    /// <summary>An assembly as its own project built it, to be run: the copy beside the tests has other versions of packages around
    /// it.</summary>
    public static string OutputOf(Assembly assembly)
    {
        var (name, configuration) = (assembly.GetName().Name!, new DirectoryInfo(AppContext.BaseDirectory).Name);
        return SourceTree.PathTo("artifacts", "bin", name, configuration, name + ".dll");
    }

    /// <summary>Aspire's dashboard and orchestrator; skips the running test where their packages can't be had.</summary>
    public static async Task<(string Dashboard, string Orchestrator)> AspireToolsAsync()
    {
        var (status, printed) = await RunAsync("msbuild", SourceTree.PathTo("build", "aspire-tools.proj"), "-restore", "-t:Locate",
            "-getProperty:Dashboard", "-getProperty:Orchestrator");
        Assert.SkipUnless(status == 0, $"The packages with Aspire's tools can't be had: {printed}");
        var files = JsonNode.Parse(printed)!["Properties"]!;
        return (files["Dashboard"]!.ToString(), files["Orchestrator"]!.ToString());
    }

    /// <summary>Runs <c>dotnet</c> without a container engine.</summary>
    /// <returns>Exit status and what it printed.</returns>
    public static async Task<(int Status, string Printed)> RunAsync(params string[] arguments)
    {
        var (code, output, error) = await new Command("dotnet", arguments)
        {
            Environment = new Dictionary<string, string> { ["ASPIRE_CONTAINER_RUNTIME"] = "none" },
        }.RunAsync();
        return (code, (output + error).Trim());
    }
}
