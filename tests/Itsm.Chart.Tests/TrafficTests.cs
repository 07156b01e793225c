using System.Net;
using Itsm.Testing;
using k8s.Models;

namespace Itsm.Chart.Tests;

/// <summary>Exactly what must connect does. Whom the gateway calls are the modules; which engines a program needs, its pod's settings say
/// (<see cref="RenderingTests"/> has it start with these and with no fewer).</summary>
[OuterTier]
public sealed class TrafficTests
{
    private static readonly int[] Ports = [22, 53, 80, 443, 3310, 4317, 5672, 6379, 8080, 9000, 9090, 9200, 15672, 18888, 18889, 27017];

    private static readonly Dictionary<string, int> Engines =
        new() { ["mongodb"] = 27017, ["rabbitmq"] = 5672, ["redis"] = 6379, ["elasticsearch"] = 9200 };

    private static readonly string[] Services = [.. AppHost.AppHost.Modules.Select(module => module.Name)];

    private static readonly End Client = new("client") { Address = IPAddress.Parse("203.0.113.1") };
    private static readonly End Provider = new("oidc") { Address = IPAddress.Parse("203.0.113.2") };
    private static readonly End Receiver = new("receiver") { Address = IPAddress.Parse("203.0.113.3") };
    private static readonly End Scanner = new("scanner") { Address = IPAddress.Parse("203.0.113.4") };
    private static readonly End Bucket = new("bucket") { Address = IPAddress.Parse("203.0.113.5") };
    private static readonly End Neighbour = new("neighbour") { Namespace = Named("others") };
    private static readonly End Dns = new("dns") { Namespace = Named("kube-system") };
    private static readonly End Prometheus = new("prometheus") { Namespace = Named("monitoring") };

    [Fact]
    public async Task With_engines_elsewhere_nothing_connects_but_what_must()
    {
        var engines = Engines.Keys.Select((name, at) => new End(name) { Address = IPAddress.Parse($"192.0.2.{at + 1}") }).ToList();
        End[] outside = [Client, Provider, Receiver, Scanner, Bucket, Neighbour, Dns, Prometheus, .. engines];
        var chart = await Chart.RenderAsync("engines elsewhere");
        var traffic = new Traffic(chart);
        var expected = Common(chart, outside.Select(end => end.Name))
            .Concat(Services.Append("gateway").Select(part => (part, Provider.Name, 443)))
            .Concat(ToEngines(chart))
            .Append(("requests", Receiver.Name, 443))
            .Concat(new[] { "incidents", "requests" }.Select(part => (part, Scanner.Name, 3310)))
            .Concat(Services.Select(service => (service, Bucket.Name, 9000)));
        Assert.Equal(expected.Order(), traffic.Of(outside, Ports).Order());
    }

    [Fact]
    public async Task With_engines_of_its_own_nothing_connects_but_what_must()
    {
        End[] outside = [Client, Neighbour, Dns, Prometheus];
        var chart = await Chart.RenderAsync("trial");
        var expected = Common(chart, outside.Select(end => end.Name))
            .Concat(Services.Append("gateway").Select(part => (part, "dashboard", 18889)))
            .Concat(Services.Append("gateway").SelectMany(part => outside.Select(end => (part, end.Name, 443))))
            .Concat(ToEngines(chart));
        Assert.Equal(expected.Order(), new Traffic(chart).Of(outside, Ports).Order());
    }

    [Fact]
    public async Task Clients_can_be_held_to_one_namespace()
    {
        var gateways = new End("ingress") { Namespace = Named("gateways") };
        var let = new Traffic(await Chart.RenderAsync("collector and processor time")).Of([Client, Neighbour, gateways], [8080]);
        Assert.Equal([("ingress", "gateway"), ("test", "gateway")],
            let.Where(one => one.To == "gateway").Select(one => (one.From, one.To)).Order());
    }

    [Fact]
    public async Task Names_can_be_asked_of_a_cache_on_each_node_instead()
    {
        var cache = new End("cache") { Address = IPAddress.Parse("169.254.20.10") };
        var chart = await Chart.RenderAsync("collector and processor time");
        Assert.Equal(chart.Pods.Select(pods => (pods.Component, cache.Name)).Order(),
            new Traffic(chart).Of([Client, Dns, cache], [53]).Select(one => (one.From, one.To)).Order());
        var ports = chart.All<V1NetworkPolicy>().SelectMany(policy => policy.Spec.Egress ?? []).SelectMany(rule => rule.Ports)
            .Where(port => port.Port.Value == "53");
        Assert.Equal(["TCP", "UDP"], ports.Select(port => port.Protocol).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Without_policies_everything_connects()
    {
        var traffic = new Traffic(await Chart.RenderAsync("everything off"));
        var ends = traffic.Inside.Count + 1;
        Assert.Equal((ends * (ends - 1)), traffic.Of([Neighbour], [8080]).Count());
    }

    /// <summary>Only what has the client of webhooks gets their secrets, and only what keeps attachments the scanner.</summary>
    [Fact]
    public async Task Who_may_call_webhooks_and_the_scanner_is_who_calls_them()
    {
        var chart = await Chart.RenderAsync("production with everything");
        foreach (var pods in Programs.In(chart))
        {
            var (container, calls) = (pods.Spec.Containers[0], await Programs.BuildAsync(pods.Component, Programs.SettingsOf(chart, pods)));
            Assert.Equal(calls.Webhooks, container.EnvFrom.Any(from => from.SecretRef?.Name == "webhooks"));
            Assert.Equal(calls.Scanner, container.Env.Any(variable => variable.Name == "Attachments__Scanner"));
        }
    }

    /// <summary>Names, clients, metrics, the test of helm, and the gateway's calls.</summary>
    private static IEnumerable<(string From, string To, int Port)> Common(Rendering chart, IEnumerable<string> outside) =>
        outside.Select(end => (end, "gateway", 8080))
            .Concat(chart.Pods.Select(pods => (pods.Component, Dns.Name, 53)))
            .Concat(Services.Select(service => ("gateway", service, 8080)))
            .Concat(Services.Append("gateway").Select(part => (Prometheus.Name, part, 9090)))
            .Append(("test", "gateway", 8080));

    private static IEnumerable<(string From, string To, int Port)> ToEngines(Rendering chart) => Programs.In(chart).SelectMany(pods =>
        pods.Spec.Containers[0].Env.Where(Programs.NamesEngine).Select(variable => variable.Name["ConnectionStrings__".Length..])
            .Select(engine => (pods.Component, engine, Engines[engine])));

    private static Dictionary<string, string> Named(string name) => new() { ["kubernetes.io/metadata.name"] = name };
}
