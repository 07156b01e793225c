using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Directory.Domain;

/// <summary>Somebody in the organisation.</summary>
public sealed class Person : Aggregate
{
    private static readonly HashSet<string> NameFields = ["version", "userName", "name"];
    private static readonly HashSet<string> ContactFields = [.. NameFields, "mail"];

    /// <summary>Name for signing in, as of <see cref="UserNames.Normalize"/>, unique; works as an id.</summary>
    public required string UserName { get; init; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Mail address.</summary>
    public string? Mail { get; private set; }

    /// <summary>Mail address while active, in lower case: no two active people have the same.</summary>
    [Hidden, Unaudited]
    public string? ActiveMail { get; private set; }

    /// <summary>The account at the identity provider that signs in as this person; null until the first sign-in by user name.</summary>
    public ProviderAccount? Account { get; private set; }

    /// <summary>Their manager.</summary>
    public Guid? Manager { get; private set; }

    /// <summary>Key of their site.</summary>
    public string? Site { get; private set; }

    /// <summary>IANA name of the site's time zone, as of the last change of the person.</summary>
    public string? TimeZone { get; private set; }

    /// <summary>Key of the site's calendar of working time, as of the last change of the person.</summary>
    public string? Calendar { get; private set; }

    /// <summary>Tag of the language in which they are answered; null where each request says.</summary>
    public string? Language { get; private set; }

    /// <summary>False: may do and see nothing.</summary>
    [ShownToSome]
    public bool Active { get; private set; }

    /// <summary>When access was last given back; null where it never was.</summary>
    [Hidden, Unaudited]
    public DateTimeOffset? ActivatedAt { get; private set; }

    /// <summary>Keys of the roles held.</summary>
    [AtMost(100), ShownToSome]
    public IReadOnlyList<string> Roles { get; private set; } = [];

    /// <summary>Who may approve for them, and when; null where nobody may.</summary>
    [AtMost(20)]
    public IReadOnlyList<Substitution>? Substitutes { get; private set; }

    /// <summary>The system that an import found them in; null for those entered here.</summary>
    public string? Source { get; private init; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Person> Definition { get; } = new("people", "userName",
        new("readers", "userName"), new("readers", "name"), new("active", "userName"), new("manager", "userName"), new("site", "userName"),
        new("account.subject", "account.issuer") { Unique = true, Called = "account", Serves = "accounts" },
        new("activeMail") { Unique = true, Called = "mail", Serves = "mail addresses" })
    {
        Normalize = name => UserNames.Normalize(name),
        Shown = (caller, person) =>
            caller.Person == person || caller.May(Permissions.ReadAll.Name) ? null
            : caller.May(KnownPermissions.ReadContacts.Name) ? ContactFields : NameFields,
    };

    /// <summary>A new, active person.</summary>
    public static Person Create(
        Guid id, string userName, string name, string? mail, Guid? manager, Site? site, IReadOnlyList<string> roles) => new()
    {
        Id = id, UserName = userName, Name = name, Mail = mail, Manager = manager, Site = site?.Key, TimeZone = site?.TimeZone,
        Calendar = site?.Calendar, Active = true, Roles = [.. roles.Distinct()], Readers = [ReaderToken.Everyone],
    };

    /// <summary>Somebody whom an import met: known by name, inactive.</summary>
    public static Person Found(FoundEntry entry, string userName, string source) => new()
    {
        Id = entry.Id, UserName = userName, Name = entry.Name, Active = false, Source = source, Readers = [ReaderToken.Everyone],
    };

    /// <summary>Changes name and mail address.</summary>
    public void Describe(string name, string? mail) => (Name, Mail) = (name, mail);

    /// <summary>Binds the account that signs in as them; null for whichever signs in next by the user name.</summary>
    public void Bind(ProviderAccount? account) => Account = account;

    /// <summary>Changes their manager.</summary>
    public void ReportTo(Guid? manager)
    {
        if (manager == Id)
        {
            throw new RuleViolationException("person.own-manager", $"{UserName} can't manage themselves.");
        }

        Manager = manager;
    }

    /// <summary>Moves them to another site, or (null) to none.</summary>
    public void MoveTo(Site? site) => (Site, TimeZone, Calendar) = (site?.Key, site?.TimeZone, site?.Calendar);

    /// <summary>Answers them in the language of this tag, or (null) in that of each request.</summary>
    public void Prefer(string? language) => Language = language;

    /// <summary>Gives these roles and takes all others.</summary>
    public void Hold(IReadOnlyList<string> roles) => Roles = [.. roles.Distinct()];

    /// <summary>Names who may approve for them, and when.</summary>
    public void Appoint(IReadOnlyList<Substitution> substitutes)
    {
        for (var index = 0; index < substitutes.Count; index++)
        {
            var (from, until) = (substitutes[index].From, substitutes[index].Until);
            if (until <= from)
            {
                throw new InvalidValueException($"/substitutes/{index}/until", FieldCode.OutOfRange,
                    $"until must be later than from, {from:O}, not {until:O}.");
            }

            if (substitutes[index].Person == Id)
            {
                throw new InvalidValueException($"/substitutes/{index}/person", FieldCode.Conflicting, $"Nobody substitutes themselves.");
            }
        }

        Substitutes = substitutes.Count > 0 ? substitutes : null;
    }

    /// <summary>Takes all access away, or gives it back.</summary>
    public void SetActive(bool active, DateTimeOffset at)
    {
        if (Active == active)
        {
            throw new RuleViolationException("person.active",
                active ? (Sentence)$"{UserName} is active already." : $"{UserName} is deactivated already.");
        }

        Active = active;
        ActivatedAt = active ? at : ActivatedAt;
    }

    /// <summary>The message of this version.</summary>
    public PersonChanged Snapshot() => new()
    {
        Id = Id, Version = Version, UserName = UserName, Name = Name, Mail = Mail, Manager = Manager, Site = Site, TimeZone = TimeZone,
        Calendar = Calendar, Language = Language, Active = Active, Roles = Roles, Substitutes = Substitutes, Account = Account,
        Source = Source, Schema = PersonChanged.CurrentSchema,
    };

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
        // Not with every save: two who have had the same address for long are not kept from other changes.
        ActiveMail =
            !IsStored || changed.Contains("mail") || changed.Contains("active") ? Active ? Mail?.ToLowerInvariant() : null : ActiveMail;
        Raise(Snapshot());
    }
}
