using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Aspire.Tests;

/// <summary>The sources that these tests were built from, and what runs beside the tests.</summary>
[OuterTier]
internal static class Repository
{
    private static string Root { get; } = FindRoot();

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    /// <summary>An assembly as its own project built it, to be run: the copy beside the tests has other versions of packages around
    /// it.</summary>
    public static string OutputOf(Assembly assembly)
    {
        var (name, configuration) = (assembly.GetName().Name!, new DirectoryInfo(AppContext.BaseDirectory).Name);
        return Path.Combine(Root, "artifacts", "bin", name, configuration, name + ".dll");
    }

    /// <summary>Aspire's dashboard and orchestrator; skips the running test where their packages can't be had.</summary>
    public static async Task<(string Dashboard, string Orchestrator)> AspireToolsAsync()
    {
        var (status, printed) = await RunAsync("msbuild", Path.Combine(Root, "build", "aspire-tools.proj"), "-restore", "-t:Locate",
            "-getProperty:Dashboard", "-getProperty:Orchestrator");
        Assert.SkipUnless(status == 0, $"The packages with Aspire's tools can't be had: {printed}");
        var files = JsonNode.Parse(printed)!["Properties"]!;
        return (files["Dashboard"]!.ToString(), files["Orchestrator"]!.ToString());
    }

    /// <summary>Runs <c>dotnet</c> without a container engine.</summary>
    /// <returns>Exit status and what it printed.</returns>
    public static async Task<(int Status, string Printed)> RunAsync(params string[] arguments)
    {
        using var dotnet = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["ASPIRE_CONTAINER_RUNTIME"] = "none" },
        })!;
        var printed = await Task.WhenAll(dotnet.StandardOutput.ReadToEndAsync(), dotnet.StandardError.ReadToEndAsync());
        await dotnet.WaitForExitAsync();
        return (dotnet.ExitCode, string.Concat(printed).Trim());
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "itsm-services.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("itsm-services.slnx is not above the tests.");
        }

        return folder;
    }
}
