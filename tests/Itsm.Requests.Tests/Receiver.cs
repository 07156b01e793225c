using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Itsm.Platform.Webhooks;
using Itsm.Requests.Fulfilling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Itsm.Requests.Tests;

/// <summary>A program that takes signed calls, keeps them, and answers as a test tells it.</summary>
public sealed class Receiver(string secret) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Func<Call, IResult>> _answers = new();
    private readonly ConcurrentQueue<Call> _calls = new();
    private WebApplication? _app;

    public string Address => _app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/{hook}", async (string hook, HttpContext context) =>
        {
            var headers = context.Request.Headers;
            var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            var isSigned = headers["webhook-signature"] == WebhookClient.Sign(
                secret, headers["webhook-id"]!, headers["webhook-timestamp"]!, body);
            var call = new Call(hook, headers["webhook-id"]!, isSigned, JsonNode.Parse(body)!.AsObject());
            _calls.Enqueue(call);
            return _answers[hook](call);
        });
        await _app.StartAsync();
    }

    /// <summary>How calls to a hook are answered.</summary>
    public void Answer(string hook, Func<Call, IResult> answer) => _answers[hook] = answer;

    public IReadOnlyList<Call> Calls(string hook) => [.. _calls.Where(call => call.Hook == hook)];

    public ValueTask DisposeAsync() => _app!.DisposeAsync();

    /// <summary>A call that came.</summary>
    public sealed record Call(string Hook, string Id, bool IsSigned, JsonObject Body)
    {
        /// <summary>The token for calling back.</summary>
        public string Token => Body["callback"]!.GetValue<string>().Split("token=")[^1];
    }
}
