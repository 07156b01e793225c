using System.Net;
using k8s.Models;

namespace Itsm.Chart.Tests;

/// <summary>Whoever connects, or is connected to.</summary>
/// <param name="Name">For messages.</param>
internal sealed record End(string Name)
{
    /// <summary>Of a pod of the release.</summary>
    public Pods? Pods { get; init; }

    /// <summary>Outside of the cluster.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Of a pod in another namespace: that namespace's labels.</summary>
    public IReadOnlyDictionary<string, string> Namespace { get; init; } = new Dictionary<string, string>();

    public override string ToString() => Name;
}

/// <summary>What a chart's network policies let through, by the rules of Kubernetes.</summary>
internal sealed class Traffic(Rendering chart)
{
    private readonly List<V1NetworkPolicySpec> _policies = [.. chart.All<V1NetworkPolicy>().Select(policy => policy.Spec)];

    /// <summary>All pods of the release.</summary>
    public IReadOnlyList<End> Inside { get; } = [.. chart.Pods.Select(pods => new End(pods.Component) { Pods = pods })];

    /// <summary>Who may connect to whom at which of these ports (TCP).</summary>
    public IEnumerable<(string From, string To, int Port)> Of(IReadOnlyList<End> outside, IReadOnlyList<int> ports) =>
        from source in Inside.Concat(outside)
        from target in Inside.Concat(outside)
        where source != target && (source.Pods ?? target.Pods) is not null
        from port in ports
        where IsAllowed(source, target, port)
        select (source.Name, target.Name, port);

    private bool IsAllowed(End source, End target, int port) =>
        IsOpen(source, "Egress", policy => policy.Egress?.Any(rule => Meets(rule.To, target) && Names(rule.Ports, target, port)))
            && IsOpen(target, "Ingress", policy =>
                policy.Ingress?.Any(rule => Meets(rule.FromProperty, source) && Names(rule.Ports, target, port)));

    /// <summary>A pod that no policy selects is open; another to what one of those that select it allows.</summary>
    private bool IsOpen(End end, string direction, Func<V1NetworkPolicySpec, bool?> allows)
    {
        var policies = end.Pods is not { } pods ? []
            : _policies.Where(one => one.PolicyTypes.Contains(direction) && Selects(one.PodSelector, pods.Template.Metadata.Labels))
                .ToList();
        return policies.Count == 0 || policies.Any(policy => allows(policy) == true);
    }

    private static bool Meets(IList<V1NetworkPolicyPeer>? peers, End end) => peers is null or { Count: 0 } || peers.Any(peer =>
        peer.IpBlock is { } block ? end.Address is { } address && IPNetwork.Parse(block.Cidr).Contains(address)
        : peer.NamespaceSelector is { } place ? end.Pods is null && end.Address is null && Selects(place, end.Namespace)
        : end.Pods is { } pods && Selects(peer.PodSelector, pods.Template.Metadata.Labels));

    private static bool Names(IList<V1NetworkPolicyPort>? ports, End target, int port) => ports is null or { Count: 0 } || ports.Any(one =>
        one.Protocol is null or "TCP"
            && (one.Port.Value == port.ToString(System.Globalization.CultureInfo.InvariantCulture)
                || target.Pods?.Spec.Containers.SelectMany(container => container.Ports ?? [])
                    .Any(named => named.Name == one.Port.Value && named.ContainerPort == port) == true));

    private static bool Selects(V1LabelSelector selector, IEnumerable<KeyValuePair<string, string>> labels)
    {
        var has = labels.ToDictionary();
        return (selector.MatchLabels ?? new Dictionary<string, string>()).All(has.Contains)
            && (selector.MatchExpressions ?? []).All(one => one.OperatorProperty == "In"
                ? has.TryGetValue(one.Key, out var value) && one.Values.Contains(value)
                : throw new NotSupportedException(one.OperatorProperty));
    }
}
