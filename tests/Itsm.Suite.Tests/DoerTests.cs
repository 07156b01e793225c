using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Itsm.Platform.Access;
using Itsm.Requests.Fulfilling;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Suite.Tests;

/// <summary>Every change of every kind of ticket, tried by somebody who has all permissions, sees the ticket and does not work on
/// it.</summary>
[Collection(WholeSuite.Name)]
public sealed class DoerTests(RunningSuite suite)
{
    private static readonly string[] ForReaders =
    ["attachments", "attachments/uploads", "attach", 
        "comments", "comment", "watch", "unwatch", "mark-security", "propose-major", "accept-major", "reject-major", "demote-major",
        "plan-communication", "publish-update", "write-report", "publish-notice", "withdraw-notice",
    ];

    [Fact]
    public async Task Whoever_merely_sees_a_ticket_changes_nothing_of_it_whatever_their_permissions()
    {
        var outsider = await AddOutsiderAsync();
        var incident = await suite.OpenAsync("employee1");
        var request = (await suite.PostAsync("employee1", "requests", new { item = "diagram-editor" })).Ok();
        await suite.UntilAsync("agent1", "requests/" + request.Id, one => one.Text("state") == "inFulfillment");
        foreach (var (kind, id) in new[] { ("incidents", incident.Id), ("requests", request.Id) })
        {
            await suite.ActAsync("agent1", $"{kind}/{id}/watch", new { person = outsider });
            await TryAllAsync(outsider, kind, id, ForReaders);
        }
    }

    [Fact]
    public async Task The_requester_of_a_restricted_ticket_comments_and_does_nothing_else_whatever_their_permissions()
    {
        var outsider = await AddOutsiderAsync();
        var incident = await suite.OpenAsync("agent1", new { title = "Odd mail", requester = outsider });
        await suite.ActAsync("agent1", $"incidents/{incident.Id}/watch", new { person = "analyst1" });
        await suite.ActAsync("analyst1", $"incidents/{incident.Id}/mark-security",
            new { category = "phishing", severity = "high", groups = new[] { "security" }, reason = "It looks forged." });
        await TryAllAsync(outsider, "incidents", incident.Id, ["comments", "comment", "attachments", "attachments/uploads", "attach"]);
    }

    private async Task TryAllAsync(string person, string kind, string id, string[] allowed)
    {
        var version = (await suite.GetAsync(person, $"{kind}/{id}")).Ok().Version;
        var document = (await suite.GetAsync("", "/openapi/v1.json")).Ok();
        var tried = new List<string>();
        foreach (var (path, operations) in document["paths"]!.AsObject()
            .Where(path => path.Key.StartsWith($"/api/v1/{kind}/{{id}}", StringComparison.Ordinal)))
        {
            foreach (var (method, operation) in operations!.AsObject().Where(one => one.Key is "post" or "patch" or "put" or "delete"))
            {
                var action = Regex.Replace(path, @"^/api/v1/\w+/\{id\}/?", "");
                if (allowed.Contains(action))
                {
                    continue;
                }

                var address = Regex.Replace(path.Replace("{id}", id, StringComparison.Ordinal), @"\{\w+\}",
                    Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString());
                var body = operation!["requestBody"]?["content"]?["application/json"]?["example"] ?? new JsonObject();
                var answer = await suite.SendAsync(person, new HttpMethod(method), address, body, "*");
                Assert.True((int)answer.Status == 403
                    || ((int)answer.Status == 404 && address != path.Replace("{id}", id, StringComparison.Ordinal)),
                    $"{method} {path}: {answer}");
                tried.Add(action);
            }
        }

        Assert.Contains(kind == "incidents" ? "resolve" : "fulfill", tried);
        Assert.True(tried.Count >= 8, string.Join(", ", tried));
        Assert.Equal(version, (await suite.GetAsync(person, $"{kind}/{id}")).Ok().Version);
        Assert.All((await suite.GetAsync(person, $"{kind}/{id}")).Ok()["actions"]!.AsArray()
            .Where(action => !allowed.Contains(action!["name"]!.GetValue<string>())), action =>
                Assert.False(action!["open"]!.GetValue<bool>(), action.ToJsonString()));
    }

    /// <summary>Somebody with every permission that any known role has by default, and none of those roles.</summary>
    private async Task<string> AddOutsiderAsync()
    {
        var name = "outsider-" + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString("N")[^12..];
        var permissions = suite.Modules.GetRequiredService<PermissionList>();
        string[] roles = [KnownRoles.Requester, KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst,
            KnownRoles.Administrator];
        (await suite.PostAsync("admin", "roles",
            new { key = name, name = "Everything", granted = roles.SelectMany(permissions.DefaultsOf).Distinct() })).Ok();
        (await suite.PostAsync("admin", "people", new { userName = name, name = "Olga Outsider", roles = new[] { name } })).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync(name, "incidents"), answer => (int)answer.Status == 200, name);
        return name;
    }
}
