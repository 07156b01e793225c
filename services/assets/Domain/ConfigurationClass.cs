using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using Itsm.Ticketing.Forms;
using MongoDB.Bson;

namespace Itsm.Assets.Domain;

/// <summary>A class of configuration items: which attributes they have, and whose word on them counts.</summary>
public sealed class ConfigurationClass : Aggregate
{
    /// <summary>The class of what people use and know by name.</summary>
    public const string ItService = "it-service";

    private const string NameKey = "name";

    /// <summary>Short name in addresses, lower case, unique; works as an id.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Who may see its items where nothing else is said of them.</summary>
    public ItemVisibility Visibility { get; private set; }

    /// <summary>Schema of the attributes; its questions are theirs, without conditions, people and groups.</summary>
    public Form Attributes { get; private set; } = Form.Empty;

    /// <summary>Sources in the order in which their word counts; those that are not named come last, the newest first.</summary>
    [AtMost(20)]
    public IReadOnlyList<string> Precedence { get; private set; } = DefaultPrecedence;

    /// <summary>The same for single attributes, by key.</summary>
    [AtMost(100)]
    public Dictionary<string, IReadOnlyList<string>> AttributePrecedence { get; private set; } = [];

    /// <summary>By what items that sources report are recognised, the surest first: keys of attributes, joined by <c>+</c> where only all of
    /// them together tell; <c>name</c> is the item's name where no attribute is called so.</summary>
    [AtMost(10)]
    public IReadOnlyList<string> MatchBy { get; private set; } = [];

    /// <summary>People know best, then what looks by itself, then lists.</summary>
    public static IReadOnlyList<string> DefaultPrecedence { get; } = [ItemSource.Person, "discovery", "import"];

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<ConfigurationClass> Definition { get; } = new("configuration-classes", "key",
        new IndexDefinition("readers", "key"))
    {
        Noun = "configuration class", Normalize = key => key.ToLowerInvariant(), IsRecalled = true,
    };

    /// <summary>A new class.</summary>
    public static ConfigurationClass Create(Guid id, string key, ClassContent content)
    {
        var created = new ConfigurationClass { Id = id, Key = key, Readers = [ReaderToken.Everyone] };
        created.Describe(content);
        return created;
    }

    /// <summary>Changes what it says. Items keep the values that they have; new values are of the new schema.</summary>
    /// <exception cref="InvalidValueException">The schema makes no sense, or names what an item's class can't ask.</exception>
    public void Describe(ClassContent content)
    {
        content.Attributes.Check("/attributes");
        foreach (var (key, attribute) in content.Attributes.Properties)
        {
            if (attribute.VisibleWhen.Count > 0 || attribute.Format is "person" or "group")
            {
                throw new InvalidValueException($"/attributes/properties/{key}", FieldCode.Conflicting,
                    $"The attribute {key} can't depend on others, nor name people or groups: an item has owner and supportGroup for these.");
            }
        }

        if (content.AttributePrecedence.Keys.FirstOrDefault(key => !content.Attributes.Properties.ContainsKey(key)) is { } unknown)
        {
            throw new InvalidValueException($"/attributePrecedence/{FieldError.Escape(unknown)}", FieldCode.NotFound,
                $"There is no attribute {unknown.Quoted}.");
        }

        foreach (var (index, rule) in content.MatchBy.Index())
        {
            if (rule.Split('+').FirstOrDefault(key => key != NameKey && !content.Attributes.Properties.ContainsKey(key)) is { } missing)
            {
                throw new InvalidValueException($"/matchBy/{index}", FieldCode.NotFound, $"There is no attribute {missing.Quoted}.");
            }
        }

        (Name, Visibility, Attributes) = (content.Name, content.Visibility, content.Attributes);
        (Precedence, AttributePrecedence) = (content.Precedence, content.AttributePrecedence);
        MatchBy = [.. content.MatchBy.Distinct()];
    }

    /// <summary>What an item of this class is recognised by, the surest first; without the rules that miss a value.</summary>
    internal IEnumerable<(string Rule, string Value)> MarksOf(string name, IReadOnlyDictionary<string, BsonValue> attributes) =>
        from rule in MatchBy
        let values = rule.Split('+').Select(key => AssetDetails.KeyOf(
            attributes.TryGetValue(key, out var value) ? string.Join(' ', Answer.Texts(value))
                : key == NameKey && !Attributes.Properties.ContainsKey(key) ? name : null)).ToList()
        where values.TrueForAll(value => value is not null)
        select (rule, string.Join('+', values));

    /// <summary>Of two sources that say something of an attribute: the smaller rank counts.</summary>
    internal int RankOf(string attribute, string source)
    {
        var order = AttributePrecedence.GetValueOrDefault(attribute, Precedence);
        return order.Index().Where(one => one.Item == source).Select(one => one.Index).DefaultIfEmpty(int.MaxValue).First();
    }
}

/// <summary>What a class says.</summary>
/// <param name="Name">Name shown to people.</param>
/// <param name="Visibility">Who may see its items where nothing else is said of them.</param>
/// <param name="Attributes">Schema of the attributes.</param>
/// <param name="Precedence">Sources in the order in which their word counts.</param>
/// <param name="AttributePrecedence">The same for single attributes.</param>
/// <param name="MatchBy">By what items that sources report are recognised.</param>
public sealed record ClassContent(
    string Name, ItemVisibility Visibility, Form Attributes, IReadOnlyList<string> Precedence,
    Dictionary<string, IReadOnlyList<string>> AttributePrecedence, IReadOnlyList<string> MatchBy);

/// <summary>Who may see a configuration item.</summary>
public enum ItemVisibility
{
    /// <summary>Those who work on tickets, its owner, and its support group.</summary>
    Staff,

    /// <summary>Everybody.</summary>
    Everyone,

    /// <summary>The groups that it names, its owner, its support group, and administrators.</summary>
    Restricted,
}
