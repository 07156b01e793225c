using Itsm.Notifications.Tests;
using Itsm.Testing;

[assembly: AssemblyFixture(typeof(NotificationsSuite))]

namespace Itsm.Notifications.Tests;

/// <summary>The service with a kind of ticket that it tells of.</summary>
public class NotificationsSuite : RunningSuite
{
    protected override IReadOnlyList<string> Services => ["directory", "incidents", "notifications"];
}
