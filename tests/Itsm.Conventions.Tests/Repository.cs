using System.Reflection;
using System.Text.RegularExpressions;
using Itsm.Platform.Hosting;
using Itsm.Testing;

namespace Itsm.Conventions.Tests;

/// <summary>The sources that these tests were built from, and the assemblies made of them.</summary>
internal static class Repository
{
    public static string Root => SourceTree.Root;

    /// <summary>Folders of services: what stands beside the shared projects, whose names begin with an underscore.</summary>
    public static string[] Services { get; } = [.. System.IO.Directory.GetDirectories(Path.Combine(Root, "services"))
        .Select(folder => Path.GetFileName(folder)!).Where(name => name[0] != '_').Order(StringComparer.Ordinal)];

    public static IServiceModule[] Modules { get; } = [.. AppHost.AppHost.Modules];

    public static Assembly[] Product { get; } =
    [
        typeof(Contracts.Actor).Assembly, typeof(Platform.Access.People).Assembly, typeof(Ticketing.Ticket).Assembly,
        .. Modules.Select(module => module.GetType().Assembly), typeof(Gateway.GatewayHost).Assembly, typeof(AppHost.AppHost).Assembly,
    ];

    /// <summary>The product's own source files.</summary>
    public static IEnumerable<string> Sources => new[] { "services", "gateway", "apphost" }.SelectMany(FilesIn);

    /// <summary>The source files of all test projects.</summary>
    public static IEnumerable<string> Tests =>
        System.IO.Directory.EnumerateDirectories(Path.Combine(Root, "tests"), "*.Tests").SelectMany(FilesIn);

    private static IEnumerable<string> FilesIn(string folder) =>
        System.IO.Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Regex.IsMatch(file, @"[/\\](obj|bin)[/\\]"));

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));
}
