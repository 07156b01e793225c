using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.ServiceLevels.Tests.Shortcuts;

namespace Itsm.ServiceLevels.Tests;

/// <summary>Agreements that make no sense are refused with the place and the reason, and leave nothing behind.</summary>
public sealed class BadInputTests(ServiceLevelsSuite suite)
{
    [Theory]
    [InlineData("""{"promise":{"kind":"business","duration":"PT0S"}}""", "/promise/duration", "at least a second")]
    [InlineData("""{"promise":{"kind":"elapsed","duration":"P365000D"}}""", "/promise/duration", "366 days")]
    [InlineData("""{"promise":{"kind":"business"}}""", "/promise", "duration")]
    [InlineData("""{"promise":{"kind":"business","duration":"PT1H","days":1}}""", "/promise", "no days")]
    [InlineData("""{"promise":{"kind":"endOfWorkingDay","days":0}}""", "/promise", "1 to 365")]
    [InlineData("""{"metric":"mood"}""", "/conditions", "conditions are needed")]
    [InlineData("""{"priorities":[6]}""", "/priorities", "1 to 5")]
    [InlineData("""{"requesterGroups":["nobody"]}""", "/requesterGroups/0", "No group \"nobody\"")]
    [InlineData("""{"conditions":{"start":{"field":"category","in":["open"]},"stop":{"field":"category","in":["open","resolved"]}}}""",
        "/conditions/stop", "never be attached")]
    [InlineData(
        """{"conditions":{"start":{"not":{"field":"category","in":["resolved"]}},"stop":{"field":"category","in":["resolved"]},"pause":{"field":"category","in":["paused"]}}}""",
        "/conditions/pause", "implies start")]
    [InlineData(
        """{"conditions":{"start":{"field":"category","in":["open"]},"stop":{"field":"category","in":["resolved"]},"pause":{"field":"category","in":["open","paused"]}}}""",
        "/conditions/pause", "for ever")]
    [InlineData(
        """{"conditions":{"start":{"field":"category","in":["open"]},"stop":{"all":[{"field":"answered","in":["true"]},{"field":"answered","in":["false"]}]}}}""",
        "/conditions/stop", "never hold")]
    [InlineData(
        """{"conditions":{"start":{"field":"category","in":["open"]},"stop":{"field":"category","in":["resolved"]},"reset":{"field":"priority","in":["1"]}}}""",
        "/conditions/reset", "in a circle")]
    [InlineData(
        """{"conditions":{"start":{"field":"category","in":["open"]},"stop":{"field":"category","in":["resolved"]},"pause":{"field":"category","in":["paused"]},"resume":{"field":"priority","in":["1"]}}}""",
        "/conditions/resume", "together with pause")]
    [InlineData(
        """{"conditions":{"start":{"field":"category","in":["open"]},"stop":{"field":"category","in":["resolved"]},"pause":{"field":"category","in":["paused"]},"cancel":{"field":"category","in":["paused","closed"]}}}""",
        "/conditions/pause", "implies cancel")]
    [InlineData("""{"conditions":{"start":{"field":"mood","in":["good"]},"stop":{"field":"category","in":["resolved"]}}}""",
        "/conditions/start/field", "no field \"mood\"")]
    [InlineData("""{"conditions":{"start":{"field":"category","in":["opened"]},"stop":{"field":"category","in":["resolved"]}}}""",
        "/conditions/start/in", "never \"opened\"")]
    [InlineData("""{"conditions":{"start":{"any":[]},"stop":{"field":"category","in":["resolved"]}}}""", "/conditions/start/any",
        "at least one")]
    [InlineData("""{"conditions":{"start":{"field":"category","in":["open"],"all":[]},"stop":{"field":"category","in":["resolved"]}}}""",
        "/conditions/start", "either")]
    [InlineData(
        """{"promise":{"kind":"endOfWorkingDay","days":1},"conditions":{"start":{"field":"category","in":["open"]},"stop":{"field":"category","in":["resolved"]},"pause":{"field":"category","in":["paused"]}}}""",
        "/conditions/pause", "can't be paused")]
    public async Task A_target_that_makes_no_sense_is_refused(string change, string place, string why)
    {
        var target = JsonNode.Parse("""{"key":"one","metric":"resolution","promise":{"kind":"business","duration":"PT4H"}}""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            target[name] = value?.DeepClone();
        }

        var problem = await RefusedAsync(Edition("berlin-office", [target]));
        Assert.Equal("/edition/targets/0" + place, problem.Pointer());
        Assert.Contains(why, problem.Text("detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"calendar":"nowhere"}""", "/edition/calendar")]
    [InlineData("""{"timeZoneFrom":"agreement"}""", "/edition/timeZone")]
    [InlineData("""{"timeZoneFrom":"agreement","timeZone":"Mars/Olympus"}""", "/edition/timeZone")]
    [InlineData("""{"timeZoneFrom":"service"}""", "/edition/serviceTimeZones")]
    [InlineData("""{"warnings":[{"percent":100}]}""", "/edition/warnings/0/percent")]
    [InlineData("""{"warnings":[{"before":"PT4H"}]}""", "/edition/warnings/0/before")]
    [InlineData("""{"warnings":[{"percent":50,"before":"PT1H"}]}""", "/edition/warnings/0")]
    [InlineData("""{"warnings":[{"after":"PT1H"}]}""", "/edition/warnings/0/after")]
    [InlineData("""{"escalations":[{"at":{"percent":50}}]}""", "/edition/escalations/0")]
    [InlineData("""{"escalations":[{"at":{"percent":50},"assignTo":"nobody"}]}""", "/edition/escalations/0/assignTo")]
    [InlineData("""{"escalations":[{"at":{"percent":50},"notify":["nobody"]}]}""", "/edition/escalations/0/notify/0")]
    [InlineData("""{"targets":[]}""", "/edition/targets")]
    public async Task An_edition_that_makes_no_sense_is_refused(string change, string place)
    {
        var edition = Edition("berlin-office",
            [JsonNode.Parse("""{"key":"one","metric":"resolution","promise":{"kind":"business","duration":"PT4H"}}""")!]);
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            edition[name] = value?.DeepClone();
        }

        Assert.Equal(place, (await RefusedAsync(edition)).Pointer());
    }

    [Fact]
    public async Task Two_targets_of_one_key_and_editions_in_the_past_are_refused()
    {
        var target = JsonNode.Parse("""{"key":"one","metric":"resolution","promise":{"kind":"business","duration":"PT4H"}}""")!;
        Assert.Equal("/edition/targets/1/key",
            (await RefusedAsync(Edition("berlin-office", [target.DeepClone(), target.DeepClone()]))).Pointer());
        var service = await suite.AgreementAsync("berlin-office", [Target("resolution", "PT4H")]);
        var edition = Edition("berlin-office", [ForService(Target("resolution", "PT4H"), service)]);
        edition["effectiveFrom"] = "2001-01-01T00:00:00Z";
        Assert.Equal("/edition/effectiveFrom",
            (await suite.PostAsync("admin", $"service-levels/agreements/{service}/publish", new { edition, reason = "Too late." }, "*"))
                .Problem(400).Pointer());
        (await suite.PostAsync("admin", "service-levels/agreements",
            new { key = service, name = "Again", kind = "sla", edition = Edition("berlin-office", [target.DeepClone()]) })).Problem(409);
    }

    [Theory]
    [InlineData("""{"calendar":"nowhere"}""", "/calendar")]
    [InlineData("""{"timeZone":"Mars/Olympus"}""", "/timeZone")]
    [InlineData("""{"priority":9}""", "/priority")]
    [InlineData("""{"promise":{"kind":"business","duration":"PT0S"}}""", "/promise/duration")]
    [InlineData("""{"openedAt":"2999-01-01T00:00:00Z"}""", "/openedAt")]
    [InlineData("""{"states":[{"at":"1999-01-01T00:00:00Z","category":"paused"}]}""", "/states/0/at")]
    public async Task A_question_that_makes_no_sense_is_refused(string question, string place)
    {
        var service = await suite.AgreementAsync("berlin-office", [Target("resolution", "PT4H")]);
        var clock = (await suite.ClocksAsync((await suite.OpenForAsync(service)).Id, clocks => clocks.Count > 0))["resolution"]
            .Text("clockId");
        await suite.ClockAsync(clock, _ => true);
        Assert.Equal(place,
            (await suite.PostAsync("agent1", $"service-levels/clocks/{clock}/what-if", JsonNode.Parse(question)!)).Problem(400).Pointer());
    }

    private async Task<JsonObject> RefusedAsync(JsonObject edition)
    {
        var key = NewKey("agreement");
        var problem = (await suite.PostAsync("admin", "service-levels/agreements", new { key, name = key, kind = "sla", edition }))
            .Problem(400);
        (await suite.GetAsync("admin", "service-levels/agreements/" + key)).Problem(404);
        return problem;
    }
}
