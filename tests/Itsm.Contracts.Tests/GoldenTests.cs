using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;

namespace Itsm.Contracts.Tests;

/// <summary>What is on the wire and in outboxes must stay readable: each message has a file that says how it looks.</summary>
public sealed class GoldenTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Golden");

    /// <summary>Every message of the contracts, by its name.</summary>
    public static TheoryData<string> Messages => [.. All.Select(type => type.Name).Order(StringComparer.Ordinal)];

    private static IEnumerable<Type> All =>
        typeof(Actor).Assembly.GetExportedTypes()
            .Where(type => type is { IsClass: true, IsSealed: true, IsNested: false } && !Parts.Contains(type)
                && !type.IsSubclassOf(typeof(Attribute)));

    /// <summary>Records that only travel inside messages: those that are the type of a member of another.</summary>
    private static HashSet<Type> Parts =>
        [.. typeof(Actor).Assembly.GetExportedTypes().SelectMany(type => type.GetProperties()).Select(property => property.PropertyType)
        .Select(type => type.IsGenericType ? type.GetGenericArguments()[0] : type)];

    [Theory, MemberData(nameof(Messages))]
    public void A_message_is_read_and_written_as_its_golden_file_says(string name)
    {
        var (type, golden) = (TypeOf(name), Golden(name));
        var message = JsonSerializer.Deserialize(golden, type, MessageJson.Options)!;
        Assert.Equal(Compact(golden), JsonSerializer.Serialize(message, type, MessageJson.Options));
        Assert.Equal(Compact(golden),
            JsonSerializer.Serialize(JsonSerializer.Deserialize(Compact(golden), type, MessageJson.Options), type, MessageJson.Options));
    }

    [Theory, MemberData(nameof(Messages))]
    public void A_golden_file_has_every_member_of_its_message(string name)
    {
        var golden = JsonNode.Parse(Golden(name))!.AsObject();
        Complete(TypeOf(name), golden, name);
    }

    [Theory, MemberData(nameof(Messages))]
    public void Members_that_are_not_known_yet_are_ignored(string name)
    {
        var newer = JsonNode.Parse(Golden(name))!.AsObject();
        newer["addedLater"] = new JsonObject { ["x"] = 1 };
        var message = JsonSerializer.Deserialize(newer.ToJsonString(), TypeOf(name), MessageJson.Options);
        Assert.Equal(Compact(Golden(name)), JsonSerializer.Serialize(message, TypeOf(name), MessageJson.Options));
    }

    [Theory, MemberData(nameof(Messages))]
    public void Members_that_may_be_missing_may_be_left_out(string name)
    {
        var type = TypeOf(name);
        var least = JsonNode.Parse(Golden(name))!.AsObject();
        var nullability = new NullabilityInfoContext();
        foreach (var property in type.GetProperties()
            .Where(property => nullability.Create(property).ReadState == NullabilityState.Nullable))
        {
            least.Remove(JsonNamingPolicy.CamelCase.ConvertName(property.Name));
        }

        var message = JsonSerializer.Deserialize(least.ToJsonString(), type, MessageJson.Options);
        Assert.True(JsonNode.DeepEquals(least, JsonSerializer.SerializeToNode(message, type, MessageJson.Options)));
    }

    [Fact]
    public void There_is_a_golden_file_for_each_message_and_no_other() =>
        Assert.Equal(All.Select(type => type.Name).Order(StringComparer.Ordinal),
            System.IO.Directory.GetFiles(Folder).Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal));

    [Fact]
    public void Each_message_about_a_thing_is_named_after_what_happened_and_is_among_the_messages()
    {
        Assert.All(typeof(Actor).Assembly.GetExportedTypes().Where(type => type.IsClass && typeof(IEntityChanged).IsAssignableFrom(type)),
            type => Assert.Contains(type, All));
        Assert.All(All, type =>
            Assert.Matches(
                "(Changed|Commented|Attached|Requested|Found|Declared|Updated|Failed|Warned|Breached|Met|Reported|Counted|Replayed|Reviewed|SignedIn)$",
                type.Name));
    }

    [Fact]
    public void Each_enum_says_what_a_value_counts_as_that_is_not_known_yet() =>
        Assert.All(typeof(Actor).Assembly.GetExportedTypes().Where(type => type.IsEnum), type =>
        {
            var unknown = type.GetCustomAttribute<UnknownCountsAsAttribute>();
            Assert.True(unknown is not null, $"{type.Name} has no [UnknownCountsAs].");
            Assert.Equal(Enum.Parse(type, unknown.Member), JsonSerializer.Deserialize("\"addedLater\"", type, MessageJson.Options));
        });

    [Fact]
    public void Enum_members_keep_their_words() =>
        Assert.Equal(["\"open\"", "\"paused\"", "\"resolved\"", "\"closed\""],
            Enum.GetValues<StateCategory>().Select(value => JsonSerializer.Serialize(value, MessageJson.Options)));

    [Fact]
    public void The_contracts_depend_on_nothing_but_the_runtime() =>
        Assert.All(typeof(Actor).Assembly.GetReferencedAssemblies(), reference =>
            Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal));

    private static void Complete(Type type, JsonObject json, string at)
    {
        foreach (var property in type.GetProperties().Where(property => property.CanWrite))
        {
            var member = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            Assert.True(json[member] is not null, $"{at}.{member} is missing: set it in the golden file.");
            var inner = property.PropertyType.IsGenericType ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
            if (inner.Assembly == type.Assembly && inner.IsClass)
            {
                var part = json[member] is JsonArray array ? array[0] : json[member];
                Complete(inner, part!.AsObject(), $"{at}.{member}");
            }
            else if (json[member] is JsonArray values)
            {
                Assert.NotEmpty(values);
            }
        }
    }

    private static Type TypeOf(string name) => All.Single(type => type.Name == name);

    private static string Golden(string name) => File.ReadAllText(Path.Combine(Folder, name + ".json"));

    private static string Compact(string golden) =>
        JsonNode.Parse(golden)!.ToJsonString(new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
