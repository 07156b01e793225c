using System.Reflection;
using System.Text.RegularExpressions;
using Mono.Cecil;

namespace Itsm.Conventions.Tests;

/// <summary>Folders, which are namespaces, know each other in one direction; read from the compiled code.</summary>
public sealed class LayerTests
{
    /// <summary>What the rules of a service must not know: stores, the bus, HTTP.</summary>
    private static readonly Regex Outside = new(
        @"^(Itsm\.Platform\.(Http|Hosting|Messaging|Replicas)\.|Itsm\.Platform\.Errors\.|Microsoft\.AspNetCore\."
        + @"|MongoDB\.Driver\.|Itsm\.Platform\.Documents\.IDocument|Itsm\.Platform\.Aggregates\.(AggregateStore|Projection`|IRecords`))");

    /// <summary>The order that <c>services/README.md</c> gives, the lowest first.</summary>
    private static readonly string[] Platform = [.. Regex.Matches(
        Regex.Match(Repository.Read("services", "README.md"), @"^Folders of `_platform`[^:]*:([^.]*)\.", RegexOptions.Multiline).Groups[1]
            .Value,
        "`(\\w+)`").Select(found => found.Groups[1].Value)];

    public static TheoryData<string> Modules => [.. Repository.Modules.Select(module => module.GetType().Assembly.GetName().Name!)];

    public static TheoryData<string> Shared => [.. Modules.Select(row => row.Data), typeof(Ticketing.Ticket).Assembly.GetName().Name!];

    [Fact]
    public void A_folder_of_the_platform_knows_only_those_below_it()
    {
        var assembly = typeof(Itsm.Platform.Access.People).Assembly;
        Assert.Equal(System.IO.Directory.GetDirectories(Path.Combine(Repository.Root, "services", "_platform"))
            .Select(folder => Path.GetFileName(folder)!).Where(name => name is not ("obj" or "bin")).Order(), Platform.Order());
        Assert.Empty(Dependencies(assembly).Where(one => one.From.Length > 0 && one.To.Length > 0
            && Array.IndexOf(Platform, one.From) < Array.IndexOf(Platform, one.To)).Select(one => one.ToString()));
    }

    [Theory]
    [MemberData(nameof(Shared))]
    public void Folders_of_a_service_do_not_know_each_other_in_circles(string name)
    {
        var known = Dependencies(AssemblyOf(name)).Where(one => one.From.Length > 0 && one.To.Length > 0)
            .Select(one => (one.From, one.To)).Distinct().ToList();
        while (known.Select(one => one.From).Distinct().FirstOrDefault(folder => known.All(one => one.To != folder)) is { } top)
        {
            known.RemoveAll(one => one.From == top);
        }

        Assert.Empty(known);
    }

    [Theory]
    [MemberData(nameof(Modules))]
    public void The_domain_of_a_service_knows_no_store_no_bus_and_no_HTTP(string name)
    {
        var assembly = AssemblyOf(name);
        Assert.Empty(Dependencies(assembly).Where(one => one.From == "Domain" && one.To.Length > 0).Select(one => one.ToString()));
        Assert.Empty(Compiled.Types(assembly).Where(type => FolderOf(type, assembly) == "Domain")
            .SelectMany(type =>
                Compiled.Used(type).Where(used => Outside.IsMatch(used.FullName)).Select(used => $"{type.FullName}: {used.FullName}")));
    }

    private static Assembly AssemblyOf(string name) =>
        Repository.Product.First(assembly => assembly.GetName().Name == name);

    /// <summary>Which folder of an assembly knows which other, by what; the root's name is empty.</summary>
    private static IEnumerable<Dependency> Dependencies(Assembly assembly) =>
        from type in Compiled.Types(assembly)
        let folder = FolderOf(type, assembly)
        from used in Compiled.Used(type)
        let other = FolderOf(used, assembly)
        where used.Scope is ModuleDefinition && other != folder
        select new Dependency(folder, other, $"{type.FullName} knows {used.FullName}");

    private static string FolderOf(TypeReference type, Assembly assembly) =>
        Compiled.NamespaceOf(type).StartsWith(assembly.GetName().Name + ".", StringComparison.Ordinal)
            ? Compiled.NamespaceOf(type).Split('.')[assembly.GetName().Name!.Split('.').Length]
            : "";

    private sealed record Dependency(string From, string To, string Why)
    {
        public override string ToString() => $"{From} -> {To}: {Why}";
    }
}
