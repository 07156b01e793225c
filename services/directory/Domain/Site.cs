using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using Itsm.Platform.WorkingTime;

namespace Itsm.Directory.Domain;

/// <summary>A place where people work, with its time zone.</summary>
public sealed class Site : Aggregate
{
    /// <summary>Tells the people of a site that it has changed.</summary>
    internal const string MoveTimer = "people";

    /// <summary>Short name in addresses, lower case, unique; works as an id.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>IANA name of its time zone.</summary>
    public string TimeZone { get; private set; } = "";

    /// <summary>Key of the calendar by which is worked there; null where none is named.</summary>
    public string? Calendar { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Site> Definition { get; } =
        new("sites", "key", new IndexDefinition("readers", "key")) { Normalize = key => key.ToLowerInvariant() };

    /// <summary>A new site.</summary>
    public static Site Create(Guid id, string key, string name, string timeZone, string? calendar, AuditContext audit)
    {
        var site = new Site { Id = id, Key = key, Readers = [ReaderToken.Everyone] };
        site.Describe(name, timeZone, calendar, audit);
        return site;
    }

    /// <summary>Changes name, time zone and calendar; its people follow.</summary>
    /// <exception cref="InvalidValueException">No such time zone.</exception>
    public void Describe(string name, string timeZone, string? calendar, AuditContext audit)
    {
        if (!WorkingCalendar.IsZone(timeZone))
        {
            throw new InvalidValueException("/timeZone", FieldCode.NotFound,
                $"{timeZone.Quoted} is not an IANA time zone such as Europe/Berlin.");
        }

        (Name, TimeZone, Calendar) = (name, timeZone, calendar);
        SetTimer(MoveTimer, audit.At);
    }

    /// <summary>The message of this version.</summary>
    public SiteChanged Snapshot() => new()
    {
        Id = Id, Version = Version, Key = Key, Name = Name, TimeZone = TimeZone, Calendar = Calendar,
    };

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) => Raise(Snapshot());
}
