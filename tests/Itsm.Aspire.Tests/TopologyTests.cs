using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Itsm.AppHost;
using Itsm.Testing;
using Containers = Itsm.AppHost.Aspire.Engines;

namespace Itsm.Aspire.Tests;

public sealed class TopologyTests
{
    [Fact]
    public void Containers_have_the_images_of_the_compose_file_and_keep_their_data()
    {
        var builder = DistributedApplication.CreateBuilder();
        foreach (var engine in Topology.Engines.Append("elasticsearch"))
        {
            Containers.AddContainer(builder, engine);
        }

        var compose = Repository.Read("build", "compose.yaml");
        var containers = builder.Resources.OfType<ContainerResource>().ToList();
        Assert.Equal(4, containers.Count);
        Assert.All(containers, container =>
        {
            var image = container.Annotations.OfType<ContainerImageAnnotation>().Last();
            Assert.Contains($"image: {image.Image}:{image.Tag}\n", compose, StringComparison.Ordinal);
            Assert.Contains(container.Annotations, one => one is ContainerMountAnnotation { Type: ContainerMountType.Volume });
            Assert.Contains(container.Annotations, one => one is HealthCheckAnnotation);
        });
    }

    [Fact, OuterTier]
    public async Task Without_container_engine_and_engines_it_says_so_and_starts_nothing()
    {
        var (status, printed) = await Repository.RunAsync(Repository.OutputOf(typeof(Containers).Assembly));
        Assert.Equal((1, "Neither a container engine (docker, podman) answers nor is it said where engines run: set "
            + "ConnectionStrings__mongodb, ConnectionStrings__rabbitmq, ConnectionStrings__redis."), (status, printed));
    }
}
