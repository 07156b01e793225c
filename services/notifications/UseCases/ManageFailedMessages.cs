using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Itsm.Notifications.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;

namespace Itsm.Notifications.UseCases;

/// <summary>Messages that failed all their retries: see why, have them handled again, or give them up.</summary>
internal static class ManageFailedMessages
{
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.OneOf<FailedMessageState>("state"), Filter.Text("service"), Filter.Text("message")], Sorts = ["failedAt"],
        DefaultSort = "-failedAt",
    };

    /// <summary>A decision on a failed message.</summary>
    /// <example>{ "reason": "The other service runs again." }</example>
    public sealed record Request
    {
        /// <summary>Why.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder failed)
    {
        failed.MapGet("", (ListQuery list, AggregateStore<FailedMessage> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListFailedMessages").WithSummary("Lists messages that failed all their retries").Requires(Permissions.Operate)
            .Lists<FailedMessage>(Lists);
        failed.MapGet("{id}", (string id, Read read, AggregateStore<FailedMessage> store, CancellationToken ct) =>
            read.OneAsync(store, id, ct))
            .WithName("GetFailedMessage").WithSummary("Reads a failed message with its reason").Requires(Permissions.Operate)
            .Reads<FailedMessage>();
        failed.MapGet("{id}/body", async (string id, Read read, AggregateStore<FailedMessage> store, CancellationToken ct) =>
                AggregateStore<FailedMessage>.Load(await read.FindAsync(store, id, ct)) is var message
                    && read.Caller.Sees(message.BodyReaders)
                    ? TypedResults.Text(message.Body, IsJson(message.Body) ? "application/json" : "text/plain", Encoding.UTF8)
                    : throw HttpProblemException.Forbidden($"The body is for those who may see what the message is about."))
            .WithName("GetFailedMessageBody").WithSummary("Reads the message itself, where the caller may see what it is about")
            .Requires(Permissions.Operate).Produces<JsonElement>(StatusCodes.Status200OK, "application/json", "text/plain");
        failed.MapPost("{id}/retry", (string id, Request request, Write write, AggregateStore<FailedMessage> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, "retry", request.Reason, (message, _) => message.Retry(), ct))
            .WithName("RetryFailedMessage").WithSummary("Has a failed message handled once more").Requires(Permissions.Operate).ChangesOne()
            .Produces<FailedMessage>();
        failed.MapPost("{id}/discard",
            (string id, Request request, Write write, AggregateStore<FailedMessage> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, "discard", request.Reason, (message, _) => message.Discard(), ct))
            .WithName("DiscardFailedMessage").WithSummary("Gives a failed message up").Requires(Permissions.Operate).ChangesOne()
            .Produces<FailedMessage>();
    }

    /// <summary>What can't be read may be anything.</summary>
    private static bool IsJson(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
