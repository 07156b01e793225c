using Itsm.Assets.Domain;
using Itsm.Contracts.Assets;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Values;
using Itsm.Ticketing.Forms;

namespace Itsm.Assets;

/// <summary>The classes and relations that organisations begin with; what is there already stays as it is.</summary>
internal sealed class Defaults(
    AggregateStore<ConfigurationClass> classes, AggregateStore<RelationType> types, TimeProvider clock, ILogger<Defaults> log)
    : Preparation(clock, log)
{
    private static readonly Question Text = new() { Type = "string", MaxLength = 300 };
    private static readonly Question Texts = new() { Type = "array", Items = Text, UniqueItems = true };
    private static readonly Question Count = new() { Type = "integer", Minimum = 0 };

    private static readonly
        (string Key, string Name, string[] MatchBy, (string Key, string Title, Question Question)[] Attributes)[] Classes =
    [
        (ConfigurationClass.ItService, "IT service", ["name"],
        [
            ("serviceHours", "Calendar of its service hours", Text), ("howToRequest", "Catalog items by which it is asked for", Texts),
            ("help", "Where to find help", Texts),
        ]),
        ("application", "Application", ["name"], [("vendor", "Vendor", Text), ("version", "Version", Text), ("address", "Address", Text)]),
        ("database", "Database", ["name"], [("engine", "Engine", Text), ("version", "Version", Text)]),
        ("server", "Server", ["hostname"], Machine),
        ("virtual-machine", "Virtual machine", ["hostname"], Machine),
        ("network-device", "Network device", ["address"],
            [("model", "Model", Text), ("address", "Address in the network", Text), ("firmware", "Firmware", Text)]),
        ("endpoint", "Endpoint", ["serialNumber", "hostname"],
        [
            ("hostname", "Name in the network", Text), ("serialNumber", "Serial number", Text), ("model", "Model", Text),
            ("operatingSystem", "Operating system", Text),
        ]),
    ];

    private static (string Key, string Title, Question Question)[] Machine =>
    [
        ("hostname", "Name in the network", Text), ("address", "Address in the network", Text),
        ("operatingSystem", "Operating system", Text), ("cores", "Processor cores", Count), ("memory", "Memory in GiB", Count),
    ];

    private static readonly (string Key, RelationImpact Impact, bool Acyclic, RelationContent Content)[] Types =
    [
        ("runs-on", RelationImpact.OnSource, true,
            new("runs on", "carries", ["application", "database", "virtual-machine"], ["server", "virtual-machine"], null, null)),
        ("depends-on", RelationImpact.OnSource, false, new("depends on", "is needed by", [], [], null, null)),
        ("connects-to", RelationImpact.None, false, new("connects to", "is connected from", [], [], null, null)),
        ("part-of", RelationImpact.OnTarget, true, new("is part of", "consists of", [], [], 1, null)),
        ("backed-up-by", RelationImpact.None, false, new("is backed up by", "backs up", [], [], null, null)),
        ("used-by", RelationImpact.OnTarget, false, new("is used by", "uses", [], [], null, null)),
    ];

    protected override async Task PrepareAsync(CancellationToken ct)
    {
        var audit = new AuditContext { By = new(null, "assets"), Action = "create", At = Clock.GetUtcNow().ToMilliseconds() };
        foreach (var (key, name, matchBy, attributes) in Classes)
        {
            var visibility = key == ConfigurationClass.ItService ? ItemVisibility.Everyone : ItemVisibility.Staff;
            var form = new Form { Properties = attributes.ToDictionary(one => one.Key, one => one.Question with { Title = one.Title }) };
            await classes.AddMissingAsync(ConfigurationClass.Create(DerivedId.From("configuration-class", key), key,
                new(name, visibility, form, ConfigurationClass.DefaultPrecedence, [], matchBy)), audit, ct);
        }

        foreach (var (key, impact, acyclic, content) in Types)
        {
            await types.AddMissingAsync(
                RelationType.Create(DerivedId.From("relation-type", key), key, impact, acyclic, content), audit, ct);
        }
    }
}
