using System.Text.RegularExpressions;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Itsm.Notifications.Tests;

/// <summary>Streams of a service that stops.</summary>
public sealed partial class StopTests(StopTests.Suite suite) : IClassFixture<StopTests.Suite>
{
    private const int Clients = 8;

    [Fact]
    public async Task Each_stream_is_told_when_to_come_back_and_from_where_and_ends()
    {
        var readers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            var reader = new StreamReader(await suite.As("agent1").GetStreamAsync("/api/v1/stream"));
            Assert.Equal("retry: 2000", await reader.ReadLineAsync());
            return reader;
        }));
        suite.Modules.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        var ends = await Task.WhenAll(readers.Select(reader => reader.ReadToEndAsync())).WaitAsync(Patience.Most);
        var waits = ends.Select(end => int.Parse(End().Match(end).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.All(waits, wait => Assert.InRange(wait, 2000, 3999));
        Assert.True(waits.Distinct().Count() > Clients / 2, string.Join(", ", waits));
    }

    [GeneratedRegex(@"\nid: \d+-\d+\nretry: (\d+)\n\n$")]
    private static partial Regex End();

    public sealed class Suite : RunningSuite
    {
        protected override IReadOnlyList<string> Services => ["directory", "notifications"];
    }
}
