using System.Reflection;
using System.Text;
using System.Text.Json;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Platform.Aggregates;

/// <summary>What a save refuses, so that a document can grow for years and stays far from what engines take.</summary>
internal static class SaveLimits
{
    /// <summary>How many idempotency keys a thing remembers, of which one person's at most half.</summary>
    public const int MostKeys = 500;

    /// <summary>How many messages wait inside a document, where the engine makes one write at a time.</summary>
    public const int MostWaiting = 200;

    /// <summary>Half of what MongoDB takes.</summary>
    private const int MostBytes = 8 * 1024 * 1024;

    /// <summary>The lists of a type that have a limit.</summary>
    public static LimitedList[] ListsOf(Type type) =>
    [
        .. from property in type.GetProperties()
           let limit = property.GetCustomAttribute<AtMostAttribute>()
           where limit is not null
           select new LimitedList(Encoding.UTF8.GetBytes(JsonNamingPolicy.CamelCase.ConvertName(property.Name)), limit.Count),
    ];

    /// <exception cref="RuleViolationException"><c>too-many</c> where a list grows beyond its limit. One that is beyond it already may
    /// shrink, and other fields change.</exception>
    public static void RequireLists(string noun, LimitedList[] lists, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        foreach (var element in new RawBson(after))
        {
            if (element.Type is not (BsonType.Array or BsonType.Document))
            {
                continue;
            }

            foreach (var (name, limit) in lists)
            {
                if (element.Name.SequenceEqual(name) && Count(element) is var count && count > limit
                    && (before.IsEmpty || !RawBson.TryFind(before, name, out var old) || Count(old) < count))
                {
                    var list = Encoding.UTF8.GetString(name);
                    throw new RuleViolationException("too-many",
                        $"The {noun.AsWord} would have {count} {list}; at most {limit} are kept.");
                }
            }
        }
    }

    /// <exception cref="RuleViolationException"><c>too-large</c>.</exception>
    public static void RequireSize(string noun, int bytes)
    {
        if (bytes > MostBytes)
        {
            throw new RuleViolationException("too-large",
                $"The {noun.AsWord} would take {bytes / 1024} KB with all that it holds; at most {MostBytes / 1024} KB are stored.");
        }
    }

    /// <exception cref="HttpProblemException">429 with the time after which the oldest key is forgotten.</exception>
    public static void RequireKeys(string noun, IReadOnlyList<KeptOutcome> keys, DateTimeOffset now)
    {
        var own = keys[^1].Key.Split('|')[0] + '|';
        var ofOne = keys.Where(kept => kept.Key.StartsWith(own, StringComparison.Ordinal)).ToList();
        if (keys.Count <= MostKeys && ofOne.Count <= MostKeys / 2)
        {
            return;
        }

        var wait = (ofOne.Count > MostKeys / 2 ? ofOne : keys)[0].At + AggregateDefinition.KeysKept - now;
        throw new HttpProblemException(Problems.Create(429, "too-many-keys", $"Too many idempotency keys",
            $"The {noun.AsWord} remembers as many requests with an Idempotency-Key as it can: {MostKeys} in 24 hours, half of them one person's."))
        {
            RetryAfter = wait,
        };
    }

    /// <exception cref="OutboxFullException">The broker has been away for as long as that takes.</exception>
    public static void RequireOutbox(string noun, int waiting, int added)
    {
        if (waiting > 0 && waiting + added > MostWaiting)
        {
            throw new OutboxFullException($"The {noun.AsWord} has {waiting} messages that could not be published yet.");
        }
    }

    private static int Count(RawElement list)
    {
        var count = 0;
        if (list.Type is BsonType.Array or BsonType.Document)
        {
            foreach (var _ in new RawBson(list.Value))
            {
                count++;
            }
        }

        return count;
    }
}

/// <summary>A list with a limit.</summary>
/// <param name="Name">Of the element that holds it, in UTF-8.</param>
/// <param name="Limit">How many it has at most.</param>
internal readonly record struct LimitedList(byte[] Name, int Limit);
