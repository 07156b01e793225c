using System.Net;
using System.Text.Json.Nodes;
using Itsm.Incidents.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Relations that exclude each other, made at once: exactly one comes to be, and no rule about both is broken.</summary>
[Collection(OwnSuite.Name)]
public sealed class RelationTests(OwnSuite.Suite suite)
{
    private const int Rounds = 12;

    public static TheoryData<string, bool> Relations =>
        new()
        {
            { "merge", false }, { "merge", true }, { "mark-duplicate", false }, { "mark-duplicate", true }, { "set-parent", false },
            { "set-parent", true },
        };

    [Theory, MemberData(nameof(Relations))]
    public async Task Of_two_that_are_related_to_each_other_at_once_exactly_one_is(string action, bool ofAVersion)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (one, other) = (await suite.OpenAsync(), await suite.OpenAsync());
            var answers = await Task.WhenAll(RelateAsync(action, one, other, ofAVersion), RelateAsync(action, other, one, ofAVersion));
            Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
            Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer =>
                Assert.Contains((int)answer.Status, new[] { 409, 412 }));
            await AllRulesHoldAsync(one.Id, other.Id);
        }
    }

    [Theory, InlineData("merge"), InlineData("mark-duplicate"), InlineData("set-parent")]
    public async Task Of_three_in_a_circle_some_are_related_and_never_all(string action)
    {
        for (var round = 0; round < Rounds; round++)
        {
            JsonObject[] three = [await suite.OpenAsync(), await suite.OpenAsync(), await suite.OpenAsync()];
            var answers = await Task.WhenAll(three.Select((incident, index) =>
                RelateAsync(action, incident, three[(index + 1) % 3], false)));
            Assert.InRange(answers.Count(answer => answer.Status == HttpStatusCode.OK), 1, 2);
            await AllRulesHoldAsync([.. three.Select(incident => incident.Id)]);
        }
    }

    [Fact]
    public async Task What_is_cancelled_at_once_takes_nothing_in_afterwards()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (source, target) = (await suite.OpenAsync(), await suite.OpenAsync());
            var merging = RelateAsync("merge", source, target, false);
            var cancelling = suite.PostAsync(Agent, $"incidents/{target.Id}/cancel", new { reason = "By mistake." }, "*");
            var (merged, cancelled) = (await merging, await cancelling);
            if (merged.Status == HttpStatusCode.OK && cancelled.Status == HttpStatusCode.OK)
            {
                // One after the other, then.
                Assert.True(At(merged.Json, "closedAt") <= At(cancelled.Json, "closedAt"));
            }
            else
            {
                Assert.Single(new[] { merged, cancelled }, answer => answer.Status == HttpStatusCode.OK);
            }
        }
    }

    [Fact]
    public async Task What_a_dead_process_has_reserved_is_free_after_a_minute_and_its_relation_is_not_made_any_more()
    {
        var incidents = suite.Modules.GetRequiredService<AggregateStore<Incident>>();
        var (source, target) = (await suite.OpenAsync(), await suite.OpenAsync());
        var id = Guid.CreateVersion7(suite.Clock.GetUtcNow());
        var audit = new AuditContext { By = new(null, "test"), Action = "reserve", At = suite.Clock.GetUtcNow() };
        var reserved = await incidents.UpdateAsync(Guid.Parse(source.Id), audit,
            incident => incident.Reserve(Guid.Parse(target.Id), id, suite.Clock.GetUtcNow()), default);
        await incidents.UpdateAsync(Guid.Parse(target.Id), audit,
            incident => incident.ReserveFor(reserved!, id, "incident.merge", suite.Clock.GetUtcNow()), default);
        Assert.Equal("incident.relation-pending", (await suite.TryAsync(target.Id, "cancel", new { reason = "By mistake." }, 409)).Code());
        Assert.Equal("incident.relation-pending", (await suite.TryAsync(source.Id, "cancel", new { reason = "By mistake." }, 409)).Code());

        suite.Clock.Advance(TimeSpan.FromMinutes(2));
        await RunningSuite.UntilAsync(() => suite.PostAsync(Agent, $"incidents/{target.Id}/cancel", new { reason = "By mistake." }, "*"),
            answer => answer.Status == HttpStatusCode.OK, "The end of the reservation");
        var late = await Assert.ThrowsAsync<RuleViolationException>(() =>
            incidents.UpdateAsync(Guid.Parse(source.Id), audit, incident => incident.MergeInto(reserved!, audit), default));
        Assert.StartsWith("incident.", late.Code, StringComparison.Ordinal);
        await RunningSuite.UntilAsync(() => suite.PostAsync(Agent, $"incidents/{source.Id}/cancel", new { reason = "By mistake." }, "*"),
            answer => answer.Status == HttpStatusCode.OK, "The end of the reservation");
    }

    private Task<Answer> RelateAsync(string action, JsonObject source, JsonObject target, bool ofAVersion) => suite.PostAsync(
        Agent, $"incidents/{source.Id}/{action}",
        action switch
        {
            "merge" => new { into = target.Id, reason = "The same." },
            "mark-duplicate" => new { of = target.Id },
            _ => (object)new { parent = target.Id },
        }, ofAVersion ? source.Tag : "*");

    /// <summary>One level, no circles, nobody follows what has ended, and somebody goes on.</summary>
    private async Task AllRulesHoldAsync(params string[] ids)
    {
        var found = await Task.WhenAll(ids.Select(id => suite.ReadAsync(id)));
        Assert.Contains(found, incident => incident.Text("state") != "cancelled");
        foreach (var incident in found)
        {
            Assert.All(found.Where(other => other.Id == incident.TextOrNull("parent")), parent => Assert.Null(parent.TextOrNull("parent")));
            var last = incident;
            for (var steps = 0; last?.TextOrNull("mergedInto") is { } next; steps++)
            {
                Assert.True(steps < found.Length, "A circle.");
                last = found.FirstOrDefault(other => other.Id == next);
            }
        }
    }

    private static DateTimeOffset At(JsonObject incident, string field) =>
        DateTimeOffset.Parse(incident.Text(field), System.Globalization.CultureInfo.InvariantCulture);
}
