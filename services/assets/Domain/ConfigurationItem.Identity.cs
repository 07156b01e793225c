using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Assets.Domain;

public sealed partial class ConfigurationItem
{
    /// <summary>Begins the names of the item's own fields among what sources said.</summary>
    private const char FieldMark = '/';

    /// <summary>Seen again within it changes nothing: sources that look every few minutes would write as often.</summary>
    private static readonly TimeSpan SeenAnew = TimeSpan.FromDays(1);

    /// <summary>The sources that reported it, what they call it, and when they last did so.</summary>
    [AtMost(50)]
    public IReadOnlyList<SourceSight> SeenBy { get; private set; } = [];

    /// <summary>When a source last reported it, to the day; null where none ever did.</summary>
    public DateTimeOffset? SeenAt { get; private set; }

    /// <summary>By what it is recognised: hashes of what sources call it and of the values that its class names.</summary>
    [Hidden]
    [AtMost(200)]
    public IReadOnlyList<Guid> Identities { get; private set; } = [];

    /// <summary>How an item is recognised that a source calls so.</summary>
    internal static Guid IdentityOf(string source, string externalId) => DerivedId.From("item-of-source", source, externalId);

    /// <summary>How items are recognised that a class's rule finds the same value in.</summary>
    internal static Guid IdentityOf(string of, (string Rule, string Value) mark) =>
        DerivedId.From("item-of-class", of, mark.Rule, mark.Value);

    /// <summary>Takes in that a source reports it, and what it says of the item's own fields: it fills what is empty and changes what it had
    /// itself said; what others have made of a field stays, and its word stands among <see cref="Sources"/>.</summary>
    public void Hear(string source, string? externalId, ReportedFields said, AuditContext audit)
    {
        var sight = SeenBy.FirstOrDefault(one => one.Source == source && one.ExternalId == externalId);
        if (sight is null || audit.At - sight.At >= SeenAnew)
        {
            SeenBy = [.. SeenBy.Where(one => one != sight), new(source, externalId, audit.At)];
            SeenAt = audit.At;
        }

        var now = Content;
        Describe(now with
        {
            Name = Word("name", said.Name, now.Name, name => name)!,
            Description = Word("description", said.Description, now.Description, text => text),
            Owner = Word("owner", said.Owner, now.Owner, id => id!.ToString()!),
            SupportGroup = Word("supportGroup", said.SupportGroup, now.SupportGroup, id => id!.ToString()!),
            Criticality = Word("criticality", said.Criticality, now.Criticality, level => level!.Value),
            Site = Word("site", said.Site, now.Site, key => key),
        });

        T Word<T>(string field, T word, T current, Func<T, BsonValue> stored)
        {
            if (word is null)
            {
                return current;
            }

            var known = Sources.FirstOrDefault(one => one.Source == source && one.Attribute == FieldMark + field);
            if (known?.Value != stored(word))
            {
                Sources = [.. Sources.Where(one => one != known), new(FieldMark + field, stored(word), source, audit.By, audit.At)];
            }

            return current is null || known?.Value == stored(current) ? word : current;
        }
    }

    /// <summary>Takes down by what it is recognised.</summary>
    internal void Identify(ConfigurationClass of)
    {
        List<Guid> identities =
        [
            .. SeenBy.Where(one => one.ExternalId is not null).Select(one => IdentityOf(one.Source, one.ExternalId!)),
            .. of.MarksOf(Name, Attributes).Select(mark => IdentityOf(Class, mark)),
        ];
        Identities = MergedInto is not null ? [] : identities.SequenceEqual(Identities) ? Identities : identities;
    }
}

/// <summary>A source's sight of an item.</summary>
/// <param name="Source">Key of the source.</param>
/// <param name="ExternalId">What the source calls it; null where it only knows it by its attributes.</param>
/// <param name="At">When it last reported it; the same within a day.</param>
public sealed record SourceSight(string Source, string? ExternalId, DateTimeOffset At);

/// <summary>What a source says of an item besides attributes; null for what it does not know.</summary>
public sealed record ReportedFields
{
    /// <summary>Name shown to people.</summary>
    public string? Name { get; init; }

    /// <summary>What it is for, in Markdown.</summary>
    public string? Description { get; init; }

    /// <summary>Who answers for it.</summary>
    public Guid? Owner { get; init; }

    /// <summary>The group that looks after it.</summary>
    public Guid? SupportGroup { get; init; }

    /// <summary>1 (most critical) to 4.</summary>
    public int? Criticality { get; init; }

    /// <summary>Key of its site.</summary>
    public string? Site { get; init; }
}
