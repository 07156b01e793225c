using System.Text.Json;
using Itsm.Contracts.ServiceLevels;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using MongoDB.Bson;

namespace Itsm.Ticketing;

/// <summary>The service-level clocks of a ticket, as its own service keeps them to show.</summary>
/// <param name="Version">Of the message that told of them; what is not newer changes nothing.</param>
/// <param name="DueAt">The earliest due instant of the running clocks that are not breached; null where there is none.</param>
/// <param name="Breached">True where a clock that has not ended is breached.</param>
/// <param name="OrderAt">The earliest instant at which a clock that has not ended is due or was breached: breached ones come first; null
/// where all are paused.</param>
/// <param name="Clocks">All clocks, oldest first. A read adds <c>remaining</c> to each that has not ended: the time left, zero once
/// breached; of a running one in whole minutes as of the beginning of the minute, so that reads within it are the same.</param>
public sealed record TicketServiceLevels([property: Platform.Aggregates.Hidden] long Version, DateTimeOffset? DueAt, bool Breached,
    [property: Platform.Aggregates.Hidden] DateTimeOffset? OrderAt, IReadOnlyList<ServiceLevelClock> Clocks)
{
    private const string OrderField = "serviceLevels.orderAt";
    private const long MillisecondsPerMinute = 60_000;

    /// <summary>The indexes that filters and sorts by service level need.</summary>
    public static IndexDefinition[] Indexes { get; } = 
        [new(OrderField) { Sparse = true }, new("serviceLevels.breached", "openedAt") { Only = true }];

    /// <summary>The filters of a list of tickets.</summary>
    public static Filter[] Filters { get; } = [Filter.Flag("breached", "serviceLevels.breached", orMissing: true),
        Filter.Instant("dueAt", OrderField)];

    /// <summary>What a list of tickets can be sorted by.</summary>
    public static IReadOnlyDictionary<string, string> Sorts { get; } = new Dictionary<string, string> { ["dueAt"] = OrderField };

    /// <summary>What service-levels told.</summary>
    public static TicketServiceLevels Of(TicketClocksChanged message) => new(message.Version, message.DueAt, message.Breached,
        message.Clocks.Where(clock => clock.EndedAt is null).Min(clock => clock.BreachedAt ?? clock.DueAt), message.Clocks);

    /// <summary>Says in the contract what a read makes of a clock.</summary>
    public static void Describe(OpenApiOptions options) => options.AddSchemaTransformer((schema, context, _) =>
    {
        if (context.JsonTypeInfo.Type == typeof(ServiceLevelClock))
        {
            schema.Properties!.Remove("ahead");
            schema.Required?.Remove("ahead");
            schema.Properties["remaining"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String, Format = "duration",
                Description = "The time left, zero once breached; absent once the clock has ended. While it runs: as of the beginning of "
                    + "the minute, rounded down to whole minutes (dueAt is exact).",
            };
        }

        return Task.CompletedTask;
    });

    /// <summary>How callers get the clocks: with what remains of each.</summary>
    public static Platform.Aggregates.AnnexFormat Format { get; } = new(Write, Tag);

    private static string Tag(RawElement stored, DateTimeOffset now)
    {
        RawBson.TryFind(stored.Value, "version"u8, out var version);
        RawBson.TryFind(stored.Value, "clocks"u8, out var clocks);
        foreach (var clock in new RawBson(clocks.Value))
        {
            if (new StoredClock(clock.Value).IsRunning)
            {
                return $"{version.Int64}.{MinuteOf(now)}";
            }
        }

        return $"{version.Int64}";
    }

    private static void Write(Utf8JsonWriter writer, RawElement stored, DateTimeOffset now)
    {
        writer.WriteStartObject();
        foreach (var member in new RawBson(stored.Value))
        {
            if (member.Name.SequenceEqual("version"u8) || member.Name.SequenceEqual("orderAt"u8))
            {
                continue;
            }

            writer.WritePropertyName(member.Name);
            if (!member.Name.SequenceEqual("clocks"u8))
            {
                Representation.WriteValue(writer, member);
                continue;
            }

            writer.WriteStartArray();
            foreach (var clock in new RawBson(member.Value))
            {
                WriteClock(writer, clock.Value, now);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteClock(Utf8JsonWriter writer, ReadOnlySpan<byte> stored, DateTimeOffset now)
    {
        writer.WriteStartObject();
        var clock = new StoredClock(stored);
        foreach (var member in new RawBson(stored))
        {
            if (!member.Name.SequenceEqual("ahead"u8))
            {
                writer.WritePropertyName(member.Name);
                Representation.WriteValue(writer, member);
            }
        }

        if (!clock.HasEnded)
        {
            writer.WriteString("remaining"u8, clock.RemainingAt(now).FormatShown(stackalloc byte[Durations.LongestIsoText]));
        }

        writer.WriteEndObject();
    }

    private static long MinuteOf(DateTimeOffset at) => at.ToUnixTimeMilliseconds() / MillisecondsPerMinute;

    /// <summary>What the time left on a clock depends on.</summary>
    private readonly ref struct StoredClock
    {
        private readonly bool _isBreached;
        private readonly TimeSpan _promised;
        private readonly TimeSpan _elapsed;
        private readonly RawElement _ahead;

        public StoredClock(ReadOnlySpan<byte> clock)
        {
            foreach (var member in new RawBson(clock))
            {
                if (member.Name.SequenceEqual("endedAt"u8))
                {
                    HasEnded = true;
                }
                else if (member.Name.SequenceEqual("breached"u8))
                {
                    _isBreached = member.Boolean;
                }
                else if (member.Name.SequenceEqual("promised"u8))
                {
                    _promised = member.Duration;
                }
                else if (member.Name.SequenceEqual("elapsed"u8))
                {
                    _elapsed = member.Duration;
                }
                else if (member.Name.SequenceEqual("ahead"u8) && member.Type == BsonType.Array)
                {
                    _ahead = member;
                }
            }
        }

        public bool HasEnded { get; }

        /// <summary>True where what remains depends on the time.</summary>
        public bool IsRunning => !_isBreached && !HasEnded && !_ahead.Value.IsEmpty;

        public TimeSpan RemainingAt(DateTimeOffset now)
        {
            if (!IsRunning)
            {
                return _isBreached ? TimeSpan.Zero : _promised - _elapsed;
            }

            var (left, at) = (0L, MinuteOf(now) * MillisecondsPerMinute);
            foreach (var stretch in new RawBson(_ahead.Value))
            {
                RawBson.TryFind(stretch.Value, "from"u8, out var from);
                RawBson.TryFind(stretch.Value, "to"u8, out var to);
                left += Math.Max(0, to.Int64 - Math.Max(from.Int64, at));
            }

            return TimeSpan.FromMinutes(left / MillisecondsPerMinute);
        }
    }
}
