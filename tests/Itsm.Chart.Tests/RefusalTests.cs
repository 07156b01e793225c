using Itsm.Testing;

namespace Itsm.Chart.Tests;

[OuterTier]
public sealed class RefusalTests
{
    [Theory]
    [InlineData("audit: {existingSecret: a}", "authentication.authority is missing or does not begin with https://")]
    [InlineData("authentication: {authority: \"http://id\"}", "authentication.authority is missing or does not begin with https://")]
    [InlineData("authentication: {authority: \"https://id\"}", "audit.existingSecret is missing")]
    [InlineData("{authentication: {authority: \"https://id\"}, audit: {existingSecret: a}}",
        "existingSecret is missing, and assets needs it: name the Secret with its connection string, or set engines.enabled=true")]
    public Task What_must_be_set_is_asked_for(string values, string sentence) => RefusedAsync(values, sentence);

    [Theory]
    [InlineData("services: {incidents: {replica: 3}}", "at '/services/incidents': additional properties 'replica' not allowed")]
    [InlineData("services: {incidents: {replicas: many}}", "at '/services/incidents/replicas': got string, want integer")]
    [InlineData("services: {incidents: {engines: [mysql]}}", "at '/services/incidents/engines/0': value must be one of 'mongodb'")]
    [InlineData("services: {problems: {replicas: 1}}", "at '/services/problems': missing property 'paths'")]
    [InlineData("services: {requests: {open: [nothing]}}", "services.requests.open names nothing, which is none of its paths")]
    [InlineData("services: {requests: {byTicket: [nothing]}}", "services.requests.byTicket names nothing, which is none of its paths")]
    [InlineData("shutdown: {drainSeconds: -1}", "at '/shutdown/drainSeconds': minimum: got -1, want 4")]
    [InlineData("telemetry: {endpoint: \"http://collector:4318\"}",
        "telemetry.endpoint has port 4318, but networkPolicies.otlp.port is 4317")]
    [InlineData("blobs: {s3: {region: eu-central-1}}", "blobs.s3.bucket is missing")]
    [InlineData("blobs: {s3: {bucket: files}}", "blobs.s3.region is missing: without blobs.s3.endpoint it says where the bucket is")]
    [InlineData("blobs: {s3: {bucket: files, endpoint: \"http://minio:9000\"}}",
        "blobs.s3 is at port 9000, but networkPolicies.s3.port is 443")]
    [InlineData("blobs: {s3: {bucket: files, endpoint: \"minio:9000\"}}", "at '/blobs/s3/endpoint'")]
    [InlineData("settings: {RateLimits__Burst: 100}", "at '/settings/RateLimits__Burst': got number, want string")]
    [InlineData("gateway: {service: {nodePort: 30080}}", "gateway.service.nodePort is set, but gateway.service.type is not NodePort")]
    [InlineData("defaults: {autoscaling: {min: 9}}", "has a min of 9, more than its max of 6")]
    [InlineData("image: {tag: latest}", "The image itsm:latest has no tag, or the tag latest")]
    [InlineData("tests: {image: \"localhost:5000/busybox\"}", "The image localhost:5000/busybox has no tag")]
    [InlineData("dashboard: {enabled: true}\ntelemetry: {endpoint: \"http://collector:4317\"}", "telemetry goes to one of them")]
    [InlineData("route: {enabled: true}", "route.parentRefs is missing")]
    [InlineData("ingress: {enabled: true}", "ingress.hosts is missing")]
    [InlineData("networkPolicies: {dns: {to: [], port: 53}}", "at '/networkPolicies/dns': additional properties 'port' not allowed")]
    [InlineData("unknown: true", "additional properties 'unknown' not allowed")]
    public Task Wrong_values_are_refused(string values, string sentence) => RefusedAsync(Chart.Default + values, sentence);

    private static async Task RefusedAsync(string values, string sentence) =>
        Assert.Contains(sentence, await Chart.RefusalAsync(values), StringComparison.Ordinal);
}
