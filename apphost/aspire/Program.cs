using Itsm.AppHost;
using Itsm.AppHost.Aspire;
using Itsm.Gateway;
using Itsm.Platform.Hosting;

AppHost.Options options;
try
{
    options = AppHost.Options.Parse(args);
}
catch (ArgumentException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}

var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DashboardApplicationName = "itsm-services" });
if (Engines.Missing(builder.Configuration) is { } missing)
{
    await Console.Error.WriteLineAsync(missing);
    return 1;
}

DataFolder.Create(options.Data);
var data = Path.GetFullPath(options.Data);
var key = builder.AddParameter("development-key", DevelopmentTokens.In(data).Key, secret: true);
var engines = Engines.AddTo(builder);
var programs = Topology.Programs.ToDictionary(program => program.Name, program => builder
    .AddExecutable(program.Name, "dotnet", AppContext.BaseDirectory, program.File)
    .WithHttpEndpoint(program.Name == Topology.Gateway && options.Port != 0 ? options.Port : null)
    .WithHttpHealthCheck("/ready").WithOtlpExporter());
var gateway = programs[Topology.Gateway];
foreach (var (name, program) in programs)
{
    var port = program.GetEndpoint("http").Property(EndpointProperty.TargetPort);
    program.WithEnvironment("ASPNETCORE_URLS", ReferenceExpression.Create($"http://127.0.0.1:{port}"))
        .WithEnvironment("Storage__Path", data).WithEnvironment(Topology.GatewayVariable, gateway.GetEndpoint("http"))
        .WithEach(Topology.Variables, (one, variable) => one.WithEnvironment(variable.Key, variable.Value))
        .WithEach(Topology.KeyVariables, (one, variable) => one.WithEnvironment(variable, key))
        .WithEach(engines, (one, engine) => one.WithEnvironment(Topology.EngineVariable(engine.Name), engine.Address)
            .WaitFor(engine.Resource))
        .WithUrlForEndpoint("http", _ => new() { Url = "/health", DisplayText = "health" });
    if (name != Topology.Gateway)
    {
        gateway.WithEnvironment(Topology.AddressVariable(name), program.GetEndpoint("http")).WaitFor(program);
    }
}

gateway.WithUrlForEndpoint("http", _ => new() { Url = "/docs", DisplayText = "docs" })
    .OnResourceReady((_, _, _) => Console.Out.WriteLineAsync(AppHost.Welcome(gateway.GetEndpoint("http").Url)));
builder.AddExecutable("demo", "dotnet", AppContext.BaseDirectory, typeof(AppHost).Assembly.GetName().Name + ".dll")
    .WithArgs("--demo", gateway.GetEndpoint("http")).WaitFor(gateway);
await builder.Build().RunAsync();
return 0;
