using System.Text.Json;

namespace Itsm.Contracts.Platform;

/// <summary>A page of what was asked for by <see cref="ReplayRequested.ReplyTo"/>: many messages in one, for the asker alone.</summary>
/// <remarks>Sent by: every service that says what others keep copies of. Consumed by: whoever asked.</remarks>
public sealed record EntitiesReplayed
{
    /// <summary>Short name of the type of the messages inside: <c>TicketChanged</c>.</summary>
    public required string Message { get; init; }

    /// <summary>The messages, at most 200, as they would have been published.</summary>
    public required IReadOnlyList<JsonElement> Entities { get; init; }
}
