using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml;

namespace Itsm.Suite.Tests.Examples;

/// <summary>Makes short examples of answers that are the same whenever they are recorded: ids are counted, the recording takes place at
/// <see cref="Shown"/>, and secrets are none.</summary>
/// <param name="began">When the recording began; a Monday at the same time of the day as <see cref="Shown"/>.</param>
/// <param name="ended">When it ended.</param>
/// <param name="sent">The texts that were sent: days and instants in them stay.</param>
internal sealed partial class Steadied(DateTimeOffset began, DateTimeOffset ended, string sent)
{
    private const int MostItems = 2;
    private const int MostValues = 3;
    private const int MostEntries = 8;
    private const int MostLetters = 300;
    private const string Secret = "eyJleGFtcGxlIjp0cnVlfQ";

    /// <summary>A Monday.</summary>
    private static readonly DateTimeOffset Shown = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Far = TimeSpan.FromDays(400);
    private readonly Dictionary<string, string> _ids = [];
    private readonly Dictionary<string, string> _digests = [];

    /// <summary>The example of an answer.</summary>
    public JsonNode Of(JsonNode answer)
    {
        var example = Cut(answer, isWhole: true)!;
        List<DateTimeOffset> moments = [.. Instants().Matches(example.ToJsonString()).Select(found => Read(found.Value))
            .Where(one => one >= began && one <= ended).Distinct().Order()];
        return Walk(example, text => Instants().Replace(text, found =>
            sent.Contains(found.Value, StringComparison.Ordinal) ? found.Value : Show(Read(found.Value), moments)))!;
    }

    private static JsonNode? Cut(JsonNode? node, bool isWhole = false) => node switch
    {
        JsonObject members => new JsonObject(members
            .Take(members.Count > MostEntries && members.All(one => one.Value is JsonObject or JsonArray) ? MostValues : members.Count)
            .Select(one => KeyValuePair.Create(one.Key, one is { Key: "items", Value: JsonArray items } && isWhole
                ? new JsonArray([.. items.Take(MostItems).Select(item => Cut(item))]) : Cut(one.Value)))),
        JsonArray items => new JsonArray([.. items.Take(MostValues).Select(item => Cut(item))]),
        JsonValue value when value.TryGetValue<string>(out var text) && text.Length > MostLetters => text[..MostLetters].TrimEnd(),
        _ => node?.DeepClone(),
    };

    private JsonNode? Walk(JsonNode? node, Func<string, string> instants) => node switch
    {
        JsonObject members => new JsonObject(members.Select(one => KeyValuePair.Create(Steady(one.Key), Walk(one.Value, instants)))),
        JsonArray items => new JsonArray([.. items.Select(item => Walk(item, instants))]),
        JsonValue value when value.TryGetValue<string>(out var text) =>
            Duration().IsMatch(text) ? Rounded(text) : instants(Steady(text)),
        _ => node?.DeepClone(),
    };

    private string Steady(string text)
    {
        text = Ids().Replace(text, found => Known(_ids, found.Value, number => $"0195553e-8c00-7000-8000-{number:x12}"));
        text = Digests().Replace(text, found => Known(_digests, found.Value, number =>
            Convert.ToHexStringLower(HashOf(number))[..found.Length]));
        text = Hashes().Replace(text, found => Known(_digests, found.Value, number => Convert.ToBase64String(HashOf(number))));
        text = Secrets().Replace(text, Secret);
        text = Weeks().Replace(text, found => WeekOf(ISOWeek.ToDateTime(int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture),
            int.Parse(found.Groups[2].Value, CultureInfo.InvariantCulture), DayOfWeek.Monday) + (Shown - began)));
        return Days().Replace(text, found => !sent.Contains(found.Value, StringComparison.Ordinal)
            && DateOnly.TryParse(found.Value, CultureInfo.InvariantCulture, out var day)
            ? day.AddDays((Shown - began).Days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : found.Value);
    }

    private static string WeekOf(DateTime day) => $"{ISOWeek.GetYear(day)}-W{ISOWeek.GetWeekOfYear(day):00}";

    private static byte[] HashOf(int number) => SHA256.HashData(BitConverter.GetBytes(number));

    private static string Known(Dictionary<string, string> known, string value, Func<int, string> make) =>
        known.TryGetValue(value, out var made) ? made : known[value] = make(known.Count + 1);

    /// <summary>What happened during the recording came a minute after what came before it; all else is as far away as it was, but what is
    /// for ever.</summary>
    private string Show(DateTimeOffset instant, List<DateTimeOffset> moments)
    {
        var index = moments.IndexOf(instant);
        var shown = index >= 0 ? Shown + (index * Step) : (instant - began).Duration() > Far ? instant : instant + (Shown - began);
        return shown.AddTicks(-(shown.Ticks % TimeSpan.TicksPerMinute)).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
    }

    private static string Rounded(string duration) =>
        XmlConvert.ToString(TimeSpan.FromMinutes(Math.Ceiling(XmlConvert.ToTimeSpan(duration).TotalMinutes)));

    private static DateTimeOffset Read(string instant) => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture);

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Ids();

    [GeneratedRegex(@"\b[0-9a-f]{32,}\b")]
    private static partial Regex Digests();

    [GeneratedRegex("^[A-Za-z0-9+/]{43}=$")]
    private static partial Regex Hashes();

    [GeneratedRegex(@"^(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])[\w.-]{30,}$")]
    private static partial Regex Secrets();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")]
    private static partial Regex Instants();

    [GeneratedRegex(@"\b\d{4}-\d\d-\d\d\b(?!T)")]
    private static partial Regex Days();

    [GeneratedRegex(@"\b(\d{4})-W(\d\d)\b")]
    private static partial Regex Weeks();

    [GeneratedRegex(@"^-?P(\d+D)?T(\d+H)?(\d+M)?\d+\.\d+S$")]
    private static partial Regex Duration();
}
