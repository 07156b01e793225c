using Itsm.Platform.Supervision;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Itsm.Testing;

/// <summary>Supervisors for tests of parts that are not hosted.</summary>
public static class Supervisors
{
    /// <summary>One that looks only once it is started.</summary>
    /// <param name="stallAfter">Null for the default.</param>
    public static Supervisor Create(TimeSpan? stallAfter = null)
    {
        var settings = new SupervisionSettings();
        settings.StallAfter = stallAfter ?? settings.StallAfter;
        return new Supervisor(Options.Create(settings), TimeProvider.System, NullLogger<Supervisor>.Instance);
    }
}
