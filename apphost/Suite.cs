namespace Itsm.AppHost;

/// <summary>The running suite.</summary>
public sealed class Suite(WebApplication modules, WebApplication gateway, string address) : IAsyncDisposable
{
    /// <summary>Where the gateway listens.</summary>
    public string Address { get; } = address;

    /// <summary>The services of the modules; for tests.</summary>
    public IServiceProvider Modules => modules.Services;

    /// <summary>Waits until the process is told to stop, or the modules stop by themselves.</summary>
    public Task WaitForShutdownAsync() => Task.WhenAny(gateway.WaitForShutdownAsync(), modules.WaitForShutdownAsync());

    /// <summary>Stops the gateway first, then the modules, each after its requests under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await gateway.StopAsync();
        await gateway.DisposeAsync();
        await modules.StopAsync();
        await modules.DisposeAsync();
    }
}
