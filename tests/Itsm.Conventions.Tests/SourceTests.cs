using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Itsm.Conventions.Tests;

public sealed class SourceTests
{
    private const int MostLines = 300;
    private const int MostReadmeLines = 80;

    [Fact]
    public void Services_do_not_know_each_other()
    {
        foreach (var service in Repository.Services)
        {
            var references = Regex.Matches(Repository.Read("services", service, ProjectOf(service) + ".csproj"),
                "ProjectReference Include=\"([^\"]+)\"").Select(found => found.Groups[1].Value);
            Assert.All(references, reference => Assert.StartsWith("../_", reference, StringComparison.Ordinal));
        }

        foreach (var module in Repository.Modules.Select(module => module.GetType().Assembly))
        {
            var others = Repository.Modules.Select(other => other.GetType().Assembly.GetName().Name)
                .Where(name => name != module.GetName().Name);
            Assert.Empty(module.GetReferencedAssemblies().Select(reference => reference.Name).Intersect(others));
        }
    }

    [Fact]
    public void A_service_has_a_place_in_every_list()
    {
        var solution = Repository.Read("itsm-services.slnx");
        Assert.Equal(Repository.Services, Repository.Modules.Select(module => module.Name).Order(StringComparer.Ordinal));
        foreach (var service in Repository.Services)
        {
            var project = ProjectOf(service);
            Assert.Contains($"services/{service}/{project}.csproj", solution, StringComparison.Ordinal);
            Assert.Contains($"tests/{project}.Tests/{project}.Tests.csproj", solution, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(Repository.Root, "services", service, "Program.cs")), $"{service} has no Program.cs.");
        }
    }

    [Fact]
    public void The_solution_has_all_projects_and_no_others()
    {
        var listed = Regex.Matches(Repository.Read("itsm-services.slnx"), "Path=\"([^\"]+\\.csproj)\"")
            .Select(found => found.Groups[1].Value).Order(StringComparer.Ordinal).ToList();
        var there = new[] { "services", "gateway", "apphost", "tests" }.SelectMany(folder =>
            System.IO.Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(path => path != "tests/_testing/Itsm.Testing.csproj").Order(StringComparer.Ordinal);
        Assert.Equal(there, listed.Where(path => path != "tests/_testing/Itsm.Testing.csproj"));
    }

    [Fact]
    public void The_contract_names_the_codes_of_all_problems_with_their_status()
    {
        var made = Repository.Sources.SelectMany(file =>
            Regex.Matches(File.ReadAllText(file), @"Problems\.Create\(\s*(?:StatusCodes\.Status)?(\d{3})\w*,\s*""([a-z-]+)"""))
            .Select(found => (Status: int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture), Code: found.Groups[2].Value))
            // Of an operation there is no 405, and a 409 of a rule has the rule's code.
            .Where(one => one is not ((405, _) or (409, "rule"))).Distinct().ToList();
        Assert.True(made.Count > 25, $"Only {made.Count} problems were found.");
        Assert.All(made, one => Assert.Contains($"`{one.Code}`", Platform.Errors.Problems.Meanings[one.Status], StringComparison.Ordinal));
    }

    [Fact]
    public void Services_read_query_parameters_by_their_definitions_alone() => Assert.DoesNotContain(Repository.Sources, file =>
        Regex.IsMatch(file, @"[/\\]services[/\\](?!_platform)")
            && Regex.IsMatch(File.ReadAllText(file), @"\.Query(\[|\.TryGetValue|\.ContainsKey)"));

    [Fact]
    public void Every_service_and_shared_folder_describes_itself_in_few_lines()
    {
        var folders = System.IO.Directory.GetDirectories(Path.Combine(Repository.Root, "services"))
            .Append(Path.Combine(Repository.Root, "gateway"));
        Assert.All(folders, folder =>
        {
            var file = Path.Combine(folder, "README.md");
            Assert.True(File.Exists(file), $"{file} is missing.");
            Assert.InRange(File.ReadLines(file).Count(), 3, MostReadmeLines);
        });
    }

    [Fact]
    public void No_source_file_is_too_long() => Assert.All(Repository.Sources, file =>
    {
        var lines = File.ReadLines(file).Count();
        Assert.True(lines <= MostLines, $"{file} has {lines} lines, more than {MostLines}.");
    });

    /// <summary>The supervisor itself, and what ends by itself at the start.</summary>
    [Fact]
    public void What_works_in_the_background_is_supervised()
    {
        string[] others = ["Supervisor", "Preparation", "ReplicaStart", "FirstKeys"];
        var background = Repository.Product.SelectMany(Compiled.Types)
            .Where(type => type.BaseType?.Name == "BackgroundService" && !others.Contains(type.Name)).ToList();
        Assert.NotEmpty(background);
        Assert.All(background, type =>
            Assert.Contains(Compiled.Called(type), method => method is { Name: "RunAsync", DeclaringType.Name: "Worker" }));
    }

    /// <summary>The fast tier starts no process and needs no engine. <c>Engines</c> fails each test that uses it and is not
    /// marked.</summary>
    [Fact]
    public void What_starts_processes_or_uses_real_engines_is_in_the_outer_tier()
    {
        const string Outer = @"\bEngines\.\w+Async\(|\bProcess\.Start\(|\bSeparateSuite\.StartAsync\(";
        var files = Repository.Tests.Where(file => Regex.IsMatch(File.ReadAllText(file), Outer)).ToList();
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Contains("OuterTier]", File.ReadAllText(file), StringComparison.Ordinal));
    }

    /// <summary>What grows is refused some day, by a limit of its own and not by the engine's.</summary>
    [Fact]
    public void Every_list_of_an_aggregate_says_how_many_it_has_at_most()
    {
        var lists = Repository.Product.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsAssignableTo(typeof(Platform.Aggregates.Record)))
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(property => property.CanWrite && property.PropertyType != typeof(string)
                && property.PropertyType.IsAssignableTo(typeof(System.Collections.IEnumerable))).ToList();
        Assert.NotEmpty(lists);
        Assert.All(lists, property => Assert.True(property.IsDefined(typeof(Platform.Aggregates.AtMostAttribute)),
            $"{property.DeclaringType!.Name}.{property.Name} has no [AtMost]."));
    }

    [Fact]
    public void Nothing_is_async_void() =>
        Assert.All(Repository.Sources, file => Assert.DoesNotMatch(@"\basync\s+void\b", File.ReadAllText(file)));

    [Fact]
    public void Names_of_types_say_what_they_are()
    {
        string[] empty = ["Manager", "Helper", "Helpers", "Util", "Utils", "Base", "Impl", "Dto", "Info", "Data"];
        var wrong = Repository.Product.SelectMany(assembly => assembly.GetTypes())
            .Where(type => !type.Name.Contains('<') && type.Namespace?.StartsWith("Itsm", StringComparison.Ordinal) == true)
            .Select(type => type.Name.Split('`')[0]).Where(name => empty.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)));
        Assert.Empty(wrong);
    }

    private static string ProjectOf(string service) =>
        "Itsm." + string.Concat(service.Split('-').Select(CultureInfo.InvariantCulture.TextInfo.ToTitleCase));
}
