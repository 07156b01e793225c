using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.AppHost;
using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;
using Itsm.Platform.Telemetry;
using Itsm.Testing;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Suite.Tests.Examples;

/// <summary>Records the examples of answers anew: <c>./build/examples</c>.</summary>
[OuterTier]
public sealed class RecordExamples(RecordExamples.Suite suite) : IClassFixture<RecordExamples.Suite>
{
    private static readonly string[] People = ["agent1", "admin", "manager1", "analyst1", "employee1", "agent2", "employee2"];
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true, IndentSize = 2, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact(Explicit = true)]
    public async Task Record()
    {
        var document = await suite.UntilAsync("", "/openapi/v1.json", found => found["x-unavailable"] is null);
        var operations = Operation.AllOf(document);
        Assert.True(await DemoTickets.LoadAsync(new Uri(suite.Address), suite.Clock.GetUtcNow(), default));
        await FailAsync();
        await PrepareAsync();
        await suite.UntilAsync("admin", "search?q=printer", found => found.Items.Count > 0);
        await suite.UntilAsync("admin", "service-levels/clocks?limit=200", found => found.Items.Count > 50);

        var exploration = new Exploration(suite, operations, People);
        await exploration.RunAsync();
        var (contract, sent) = (Contract.Of(document), string.Join('\n', operations.Select(one => one.Body?["example"]?.ToJsonString())));
        var kept = new HashSet<string>();
        foreach (var folder in operations.Where(one => one.Answer is not null).Select(one => one.Id).Order(StringComparer.Ordinal)
            .GroupBy(FolderOf))
        {
            var file = SourceTree.PathTo("services", folder.Key, "Examples.json");
            var before = File.Exists(file) ? JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsObject() : [];
            var (steadied, examples) = (new Steadied(suite.Began, suite.Clock.GetUtcNow(), sent), new JsonObject());
            foreach (var id in folder)
            {
                // Where it did not come to that this time, what was recorded before stays as long as it is right.
                var example = exploration.Answers.TryGetValue(id, out var answer) ? steadied.Of(answer) : before[id]?.DeepClone();
                var fault = example is null ? "" : operations.First(one => one.Id == id).FaultOf(contract, example);
                Assert.True(fault is null || answer is null, fault);
                if (fault is null)
                {
                    examples[id] = example;
                    kept.Add(id);
                }
            }

            await File.WriteAllTextAsync(file, examples.ToJsonString(Written) + "\n");
        }

        var missing = exploration.Missing.Where(one => one.Split(' ')[0] is var id && !kept.Contains(id)
            && !AnswerExampleTests.Without.ContainsKey(id)).ToList();
        Assert.True(missing.Count == 0, $"{missing.Count} did not answer:\n{string.Join('\n', missing)}");
    }

    /// <summary>The service that maps a route, or the project whose code does where many services have it.</summary>
    private string FolderOf(string operation)
    {
        var route = suite.Modules.GetRequiredService<EndpointDataSource>().Endpoints.First(one =>
            one.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName == operation).Metadata;
        return route.GetMetadata<TelemetrySetup.ServiceOfRoute>()?.Service
            ?? "_" + route.GetMetadata<System.Reflection.MethodInfo>()!.Module.Assembly.GetName().Name!.Split('.')[^1].ToLowerInvariant();
    }

    /// <summary>A message that no retry helps: of a comment by nobody.</summary>
    private async Task FailAsync()
    {
        var id = Guid.CreateVersion7(suite.Clock.GetUtcNow());
        var incident = (await suite.GetAsync("admin", "incidents?limit=1")).Ok().Items[0];
        await suite.Modules.GetRequiredService<IMessageBus>().PublishAsync(id, new TicketCommentRequested
        {
            CommentId = id, Kind = "incident", Ticket = Guid.Parse(incident.Id), Internal = false, Text = "The printer was moved.",
            By = new Actor(null, "nobody"), At = suite.Clock.GetUtcNow(),
        }, default);
        await suite.UntilAsync("admin", "operations/failed-messages", found => found.Items.Count > 0);
    }

    /// <summary>What the examples of bodies alone do not lead to.</summary>
    private async Task PrepareAsync()
    {
        var watched = (await suite.GetAsync("agent1", "incidents?state=new&limit=1")).Ok().Items[0];
        await suite.ActAsync("agent1", $"incidents/{watched.Id}/watch", new { person = "analyst1" });
        (await suite.PostAsync("admin", "configuration-items", new { @class = "server", name = "Second web server", planned = true })).Ok();
        foreach (var model in new[] { "Latitude 5440", "Monitor 27", "Monitor 27" })
        {
            (await suite.PostAsync("admin", "assets", new { name = model, model })).Ok();
        }

        (await suite.PostAsync("employee1", "requests", new { item = "laptop", draft = true, answers = new { model = "standard" } })).Ok();
        var outage = await suite.OpenAsync("agent1", new { title = "The file server does not answer", impact = "high", urgency = "high" });
        await suite.ActAsync("agent1", $"incidents/{outage.Id}/start");
        await suite.ActAsync("manager1", $"incidents/{outage.Id}/accept-major", new { reason = "All need their files." });
        await suite.ActAsync("agent1", $"incidents/{outage.Id}/resolve", new { code = "fixedPermanently", notes = "A new power supply." });
        var lastDay = DateOnly.FromDateTime(suite.Clock.GetUtcNow().UtcDateTime).AddDays(40);
        var leaving = (await suite.PostAsync("manager1", "requests",
            new { item = "offboarding", answers = new { person = "employee2", lastDay = lastDay.ToString("yyyy-MM-dd") } })).Ok();
        var asked = (await suite.UntilAsync("admin", $"approvals?ticket={leaving.Id}", found => found.Items.Count > 0)).Items[0];
        await suite.ActAsync("admin", $"requests/{leaving.Id}/approvals/{asked.Id}/approve", new { digest = asked.Text("digest") });
    }

    /// <summary>Begins on the next Monday.</summary>
    public sealed class Suite : RunningSuite
    {
        private static readonly TimeSpan Morning = TimeSpan.FromHours(9);
        private static readonly TimeSpan Ahead = TimeSpan.FromDays(8);

        public Suite()
        {
            var now = Clock.GetUtcNow();
            var days = ((int)DayOfWeek.Monday - (int)now.DayOfWeek + 6) % 7 + 1;
            Began = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(days) + Morning;
            Clock.Jump(Began - now);
        }

        public DateTimeOffset Began { get; }

        /// <summary>Tokens that the suite issues are checked by the machine's time.</summary>
        protected override void Configure(WebApplicationBuilder builder) =>
            builder.Services.PostConfigureAll<JwtBearerOptions>(options => options.TokenValidationParameters.ClockSkew = Ahead);
    }
}
