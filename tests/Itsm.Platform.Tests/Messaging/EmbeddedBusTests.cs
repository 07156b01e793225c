using Microsoft.AspNetCore.Builder;

namespace Itsm.Platform.Tests.Messaging;

public sealed class EmbeddedBusTests : BusContract
{
    protected override ValueTask ConfigureAsync(WebApplicationBuilder builder) => ValueTask.CompletedTask;

    [Fact]
    public async Task Publishing_ends_when_all_subscribers_are_done_with_the_message()
    {
        Work.Failures = 2;
        await PublishAsync("both");
        Assert.Equal(["both"], Work.First);
        Assert.Equal(["both"], Work.Second);
    }
}
