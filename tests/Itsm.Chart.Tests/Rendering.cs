using k8s;
using k8s.Models;

namespace Itsm.Chart.Tests;

/// <summary>The documents of a rendered chart.</summary>
internal sealed class Rendering
{
    private static readonly string[] OfKubernetes = ["v1", "apps/v1", "policy/v1", "autoscaling/v2", "networking.k8s.io/v1"];

    public Rendering(string yaml)
    {
        var texts = yaml.Split("---\n", StringSplitOptions.RemoveEmptyEntries).Where(text => text.Contains("apiVersion:")).ToList();
        Custom = [.. texts.Select(text => KubernetesYaml.Deserialize<Resource>(text)).Where(one => !OfKubernetes.Contains(one.ApiVersion))];
        Documents = [.. texts.Where(text => OfKubernetes.Contains(KubernetesYaml.Deserialize<Resource>(text).ApiVersion))
            .SelectMany(text => KubernetesYaml.LoadAllFromString(text, null, strict: true)).Cast<IKubernetesObject<V1ObjectMeta>>()];
        Pods = [.. All<V1Deployment>().Select(one => new Pods(one.Kind, one.Metadata.Name, one.Spec.Selector, one.Spec.Template)),
            .. All<V1StatefulSet>().Select(one => new Pods(one.Kind, one.Metadata.Name, one.Spec.Selector, one.Spec.Template)),
            .. All<V1Pod>().Select(one => new Pods(one.Kind, one.Metadata.Name, null,
                new V1PodTemplateSpec { Metadata = one.Metadata, Spec = one.Spec }))];
    }

    /// <summary>Of Kubernetes' own kinds; reading them fails where a field is unknown to its kind.</summary>
    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Documents { get; }

    /// <summary>Of kinds that operators bring.</summary>
    public IReadOnlyList<Resource> Custom { get; }

    /// <summary>What runs.</summary>
    public IReadOnlyList<Pods> Pods { get; }

    public IEnumerable<T> All<T>() => Documents.OfType<T>();

    public T One<T>(string name)
        where T : IKubernetesObject<V1ObjectMeta> => Assert.Single(All<T>(), one => one.Metadata.Name == name);

    /// <summary>A document of any kind.</summary>
    public sealed class Resource
    {
        public string ApiVersion { get; set; } = "";

        public string Kind { get; set; } = "";

        public V1ObjectMeta Metadata { get; set; } = new();

        public Dictionary<string, object> Spec { get; set; } = [];
    }
}

/// <summary>Pods of one template.</summary>
/// <param name="Kind">Of what makes them: Deployment, StatefulSet, or Pod.</param>
/// <param name="Name">Of what makes them.</param>
/// <param name="Selector">By which their maker knows them; null for a single pod.</param>
/// <param name="Template">The template.</param>
internal sealed record Pods(string Kind, string Name, V1LabelSelector? Selector, V1PodTemplateSpec Template)
{
    public V1PodSpec Spec => Template.Spec;

    public string Component => Template.Metadata.Labels["app.kubernetes.io/component"];

    /// <summary>Containers that run as long as the pod, and those that run before them.</summary>
    public IEnumerable<V1Container> Containers => Spec.Containers.Concat(Spec.InitContainers ?? []);

    public override string ToString() => Name;
}
