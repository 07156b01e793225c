using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Directory.Domain;

/// <summary>A place where people work, with its time zone.</summary>
public sealed class Site : Aggregate
{
    /// <summary>Short name in addresses, lower case, unique; works as an id.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>IANA name of its time zone.</summary>
    public string TimeZone { get; private set; } = "";

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Site> Definition { get; } = new("sites", "key", new IndexDefinition("readers", "key")) { Normalize = key => key.ToLowerInvariant() };

    /// <summary>A new site.</summary>
    public static Site Create(Guid id, string key, string name, string timeZone)
    {
        var site = new Site { Id = id, Key = key, Readers = [ReaderToken.Everyone] };
        site.Describe(name, timeZone);
        return site;
    }

    /// <summary>Changes name and time zone.</summary>
    /// <exception cref="InvalidValueException">No such time zone.</exception>
    public void Describe(string name, string timeZone)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out _))
        {
            throw new InvalidValueException("/timeZone", $"{timeZone} is not an IANA time zone such as Europe/Berlin.");
        }

        (Name, TimeZone) = (name, timeZone);
    }
}
