using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Itsm.Testing;
using k8s.Models;

namespace Itsm.Chart.Tests;

/// <summary>A rule or a panel on a metric that nobody emits is silent for ever.</summary>
[OuterTier]
public sealed partial class MetricTests
{
    /// <summary>Of libraries: ASP.NET Core and the runtime.</summary>
    private static readonly (string Kind, string Name, string Unit)[] OfLibraries =
    [
        ("Histogram", "http.server.request.duration", "s"), ("UpDownCounter", "http.server.active_requests", "{request}"),
        ("Counter", "dotnet.process.cpu.time", "s"), ("UpDownCounter", "dotnet.process.memory.working_set", "By"),
    ];

    [Fact]
    public async Task Rules_and_panels_ask_for_metrics_that_the_code_emits()
    {
        var chart = await Chart.RenderAsync("production with everything");
        var panels = JsonNode.Parse(chart.One<V1ConfigMap>("desk-grafana").Data["itsm.json"])!["panels"]!.AsArray();
        var rules = YamlOf(chart.Custom.Single(one => one.Kind == "PrometheusRule").Spec["groups"]);
        var expressions = panels.SelectMany(panel => panel!["targets"]!.AsArray()).Select(target => (string)target!["expr"]!)
            .Concat(rules).ToList();
        Assert.True(panels.Count > 10 && rules.Count > 5);
        var emitted = Emitted().ToHashSet();
        Assert.All(expressions, expression =>
        {
            var asked = NamesIn(expression).ToList();
            Assert.NotEmpty(asked);
            Assert.All(asked, name => Assert.Contains(name, emitted));
        });
    }

    /// <summary>The names under which Prometheus knows them: dots are underscores, units and "total" are spelled out.</summary>
    private static IEnumerable<string> Emitted() => new[] { "services", "gateway" }
        .SelectMany(folder => System.IO.Directory.EnumerateFiles(SourceTree.PathTo(folder), "*.cs", SearchOption.AllDirectories))
        .SelectMany(file => File.ReadAllText(file) is var code ? Created().Matches(code).Concat(Observed().Matches(code)) : [])
        .Select(found => (found.Groups["kind"].Value, found.Groups["name"].Value, found.Groups["unit"].Value)).Concat(OfLibraries)
        .SelectMany(metric =>
        {
            var (kind, name, unit) = metric;
            var known = name.Replace('.', '_') + unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
            return kind.EndsWith("Histogram", StringComparison.Ordinal) ? [known + "_bucket", known + "_count", known + "_sum"]
                : kind.EndsWith("Counter", StringComparison.Ordinal) && !kind.EndsWith("UpDownCounter", StringComparison.Ordinal)
                    ? [known + "_total"]
                    : (IEnumerable<string>)[known];
        });

    private static IEnumerable<string> NamesIn(string expression) =>
        Name().Matches(NoMetric().Replace(expression, " ")).Select(found => found.Value);

    private static List<string> YamlOf(object groups) =>
        [.. ((IEnumerable<object>)groups).Cast<IDictionary<object, object>>().SelectMany(group => (IEnumerable<object>)group["rules"])
            .Cast<IDictionary<object, object>>().Select(rule => (string)rule["expr"])];

    [GeneratedRegex("""
        \.Create(?<kind>(Observable)?(UpDownCounter|Counter|Gauge|Histogram))(<\w+>)?\(\s*"(?<name>[^"]+)"[^"]*"(?<unit>[^"]+)"
        """)]
    private static partial Regex Created();

    /// <summary>Gauges that are counted when somebody asks.</summary>
    [GeneratedRegex("""
        (\bnew\(|Name = )"(?<name>itsm\.[^"]+)"
        """)]
    private static partial Regex Observed();

    /// <summary>Matchers, ranges, lists of labels, functions and operators.</summary>
    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|\b(by|without)\s*\([^)]*\)|\b\w+\s*(?=\(|by\b|without\b)|\b(or|unless|offset)\b")]
    private static partial Regex NoMetric();

    [GeneratedRegex(@"\b[a-z_:][a-zA-Z0-9_:]*")]
    private static partial Regex Name();
}
