using System.Text.Json.Nodes;
using Itsm.Contracts.Directory;
using Itsm.ServiceLevels.Domain;
using static Itsm.ServiceLevels.Tests.Domain.Given;

namespace Itsm.ServiceLevels.Tests.Domain;

/// <summary>The published vectors: whoever implements such clocks elsewhere can check them by the same file.</summary>
public sealed class VectorTests
{
    private static readonly JsonArray Vectors = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors.json")))![
        "vectors"]!.AsArray();

    public static TheoryData<string> Names => [.. Vectors.Select(vector => (string)vector!["name"]!)];

    [Theory, MemberData(nameof(Names))]
    public void A_published_vector_comes_out(string name)
    {
        var vector = Vectors.Single(one => (string)one!["name"]! == name)!;
        var calendar = CalendarOf(vector["calendar"]!);
        var promise = new Promise { Kind = (string)vector["counts"]! == "elapsed" ? PromiseKind.Elapsed : PromiseKind.Business,
            Duration = TimeSpan.FromSeconds((int)vector["promiseSeconds"]!) };
        var ticket = Ticket((string)vector["opened"]!);
        foreach (var pause in vector["pauses"]!.AsArray())
        {
            ticket.Hold((string)pause!["from"]!).Resume((string)pause["to"]!);
        }

        var (catalogue, asOf) = (Given.Catalogue(calendar, Target("resolution", "resolution", promise)), (string)vector["asOf"]!);
        Assert.Equal((int)vector["expect"]!["elapsedSecondsAsOf"]!, ticket.Clock(catalogue, asOf).ElapsedAt(At(asOf)).TotalSeconds);
        Assert.Equal(At((string)vector["expect"]!["due"]!), ticket.Clock(catalogue, "2040-01-01").BreachedAt);
    }

    private static CalendarChanged CalendarOf(JsonNode calendar) => new()
    {
        Id = Guid.Empty, Version = 1, Key = "vector", Name = "vector",
        Editions =
        [
            new()
            {
                Number = 1, PublishedAt = DateTimeOffset.UnixEpoch, Applies = EditionApplies.FromPublication,
                TimeZone = (string)calendar["timeZone"]!,
                Week = [.. calendar["week"]!.AsObject()
                    .Select(day => new WorkingDay(Enum.Parse<DayOfWeek>(day.Key, ignoreCase: true), Hours(day.Value!)))],
                Holidays = [.. calendar["holidays"]!.AsArray().Select(day => new Holiday
                {
                    Name = (string)day!["name"]!, Date = (string?)day["date"], Yearly = (string?)day["yearly"],
                    Hours = day["open"] is { } open ? Hours(open) : null,
                })],
            },
        ],
    };

    private static IReadOnlyList<WorkingHours> Hours(JsonNode hours) =>
        [.. hours.AsArray().Select(one => ((string)one!).Split('-')).Select(pair => new WorkingHours(pair[0], pair[1]))];
}
