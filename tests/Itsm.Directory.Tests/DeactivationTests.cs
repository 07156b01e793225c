using Itsm.Contracts;
using Itsm.Contracts.Requests;
using Itsm.Platform.Messaging;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Directory.Tests;

/// <summary>Another service asks for the end of a leaver's access.</summary>
public sealed class DeactivationTests(DirectorySuite suite) : DirectoryTests(suite)
{
    [Fact]
    public async Task A_leaver_is_deactivated_once_however_often_and_late_it_is_said()
    {
        var name = Fresh();
        var person = await CreateAsync(name);
        var bus = Suite.Modules.GetRequiredService<IMessageBus>();
        var asked = new PersonDeactivationRequested
        {
            Person = Guid.Parse(person.Id), Reason = "REQ0001001: last working moment.", By = new Actor(null, "requests"),
            At = Suite.Clock.GetUtcNow(),
        };
        await SayAsync();
        await Suite.UntilAsync(Admin, "people/" + name, one => !one["active"]!.GetValue<bool>());
        await Suite.ActAsync(Admin, $"people/{name}/activate", new { reason = "Stays after all." });
        await SayAsync();
        Assert.True((await Suite.GetAsync(Admin, "people/" + name)).Ok()["active"]!.GetValue<bool>());

        Task SayAsync() => bus.PublishAsync(Guid.CreateVersion7(Suite.Clock.GetUtcNow()), asked, default);
    }
}
