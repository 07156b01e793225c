using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Itsm.Platform.Access;

/// <summary>Fetches the OIDC provider's keys when the process starts, so that no request waits for them.</summary>
internal sealed class FirstKeys(IOptionsMonitor<JwtBearerOptions> options) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var provider = options.Get(JwtBearerDefaults.AuthenticationScheme).ConfigurationManager!;
        using var timer = new PeriodicTimer(Pause);
        while (true)
        {
            try
            {
                await provider.GetConfigurationAsync(stoppingToken);
                return;
            }
            catch (InvalidOperationException)
            {
                // Requests say so; /ready does not depend on it, for another pod would be no better off.
                await timer.WaitForNextTickAsync(stoppingToken);
            }
        }
    }
}
