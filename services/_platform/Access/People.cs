using System.Security.Claims;
using Itsm.Contracts.Directory;
using Itsm.Platform.Caching;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;

namespace Itsm.Platform.Access;

/// <summary>The service's copies of people, groups and roles, and what they add up to for a caller.</summary>
public sealed class People : IDisposable
{
    internal static readonly IndexDefinition[] PersonIndexes = [new("userName"), new("roles", "userName"),
        new("substitutes.person", "userName") { Sparse = true }, new("account.subject", "userName") { Sparse = true },
        new("site", "userName") { Sparse = true }];
    internal static readonly IndexDefinition[] GroupIndexes = [new("key"), new("members", "key")];
    internal static readonly IndexDefinition[] RoleIndexes = [new("key")];
    internal const string DefaultClaim = "preferred_username";
    private const int MostGroups = 10_000;
    private const int MostPeople = 1_000;
    private const int MostCallers = 10_000;
    private const string AccountPrefix = "ProviderAccount:";
    private static readonly string PersonPrefix = Replica<PersonChanged>.Prefix;
    private static readonly string RolePrefix = Replica<RoleChanged>.Prefix;
    private readonly Replica<PersonChanged> _people;
    private readonly Replica<GroupChanged> _groups;
    private readonly Replica<RoleChanged> _roles;
    private readonly PermissionList _permissions;
    private readonly SharedCache _cache;
    private readonly IMessageBus _bus;
    private readonly TimeProvider _clock;
    private readonly BoundedCache<Guid, Caller> _callers = new(MostCallers);

    // What these lead to counts only as long as it is what is known of the person.
    private readonly BoundedCache<string, Caller> _signIns = new(MostCallers);
    private long _generation;

    internal People(Replica<PersonChanged> people, Replica<GroupChanged> groups, Replica<RoleChanged> roles, PermissionList permissions,
        SharedCache cache, IMessageBus bus, TimeProvider clock)
    {
        (_people, _groups, _roles, _permissions, _cache, _bus, _clock) = (people, groups, roles, permissions, cache, bus, clock);
        cache.Dropped += Forget;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dropped -= Forget;
        _callers.Dispose();
        _signIns.Dispose();
    }

    /// <summary>The claim with the user name.</summary>
    public string Claim { get; init; } = DefaultClaim;

    /// <summary>What signs in as this person.</summary>
    /// <param name="person">The person.</param>
    /// <param name="scheme">How they came to be known.</param>
    /// <param name="more">Claims beside those that say who they are.</param>
    public ClaimsPrincipal PrincipalOf(PersonChanged person, string scheme, params IEnumerable<Claim> more) => new(new ClaimsIdentity(
    [
        new(Claim, person.UserName), .. more,
        .. person.Account is { } account ? new[] { new Claim("sub", account.Subject, ClaimValueTypes.String, account.Issuer) } : [],
    ], scheme));

    /// <summary>The person with this id, or null.</summary>
    public ValueTask<PersonChanged?> FindPersonAsync(Guid id, CancellationToken ct) => _people.FindAsync(id, ct);

    /// <summary>The person with this id or user name, or null.</summary>
    public async ValueTask<PersonChanged?> FindPersonAsync(string idOrUserName, CancellationToken ct) =>
        Guid.TryParse(idOrUserName, out var id)
            ? await _people.FindAsync(id, ct)
            : await FindByUserNameAsync(idOrUserName, ct);

    /// <summary>The active people who hold a role, by user name, at most 1,000.</summary>
    public async ValueTask<IReadOnlyList<PersonChanged>> HoldersAsync(string role, CancellationToken ct) =>
        [.. (await _people.QueryAsync([Condition.In("roles", role)], "userName", MostPeople, ct)).Where(person => person.Active)];

    /// <summary>True where somebody is at the site with this key.</summary>
    public async ValueTask<bool> HasSiteAsync(string key, CancellationToken ct) =>
        (await _people.QueryAsync([Condition.In("site", key)], "userName", 1, ct)).Count > 0;

    /// <summary>The role with this key, or null.</summary>
    public async ValueTask<RoleChanged?> FindRoleAsync(string key, CancellationToken ct) =>
        (await _roles.QueryAsync([Condition.In("key", key)], "key", 1, ct)) is [var found, ..] ? found : null;

    /// <summary>The group with this id, or null.</summary>
    public ValueTask<GroupChanged?> FindGroupAsync(Guid id, CancellationToken ct) => _groups.FindAsync(id, ct);

    /// <summary>The group with this id or key, or null.</summary>
    public async ValueTask<GroupChanged?> FindGroupAsync(string idOrKey, CancellationToken ct) =>
        Guid.TryParse(idOrKey, out var id)
            ? await _groups.FindAsync(id, ct)
            : (await _groups.QueryAsync([Condition.In("key", idOrKey.ToLowerInvariant())], "key", 1, ct)) is [var found, ..] ? found : null;

    /// <summary>This person as a caller, as of now.</summary>
    /// <returns>Null where the person is unknown or deactivated.</returns>
    public ValueTask<Caller?> FindCallerAsync(Guid person, CancellationToken ct) =>
        RememberAsync(_callers.Find(person), null, () => FindPersonAsync(person, ct), ct);

    /// <summary>The caller whose token gives these claims: the person to whom the account is bound; else, at the first sign-in, the one
    /// with this user name, to whom directory then binds it.</summary>
    /// <returns>Null where nobody is called so, or the person is deactivated, or bound to another account.</returns>
    internal ValueTask<Caller?> SignInAsync(string userName, ProviderAccount? account, CancellationToken ct)
    {
        var key = account is null ? userName : KeyOf(account);
        return RememberAsync(_signIns.Find(key), key, () => FindSignedInAsync(userName, account, ct), ct);
    }

    /// <summary>What is remembered of others and follows from a person: those who may approve for them, and the account that signs in as
    /// them.</summary>
    internal static IEnumerable<string> TouchedBy(PersonChanged? before, PersonChanged after)
    {
        HashSet<Substitution> differing = [.. SubstitutesOf(before)];
        differing.SymmetricExceptWith(SubstitutesOf(after));
        var accounts = before?.Account == after.Account ? [] : new[] { before?.Account, after.Account }.OfType<ProviderAccount>();
        return [.. differing.Select(one => Replica<PersonChanged>.Key(one.Person)), .. accounts.Select(KeyOf)];

        static IEnumerable<Substitution> SubstitutesOf(PersonChanged? person) => person is { Active: true } ? person.Substitutes ?? [] : [];
    }

    /// <summary>What is remembered of others and follows from a group: those who joined or left it, all where it retired or came
    /// back.</summary>
    internal static IEnumerable<string> TouchedBy(GroupChanged? before, GroupChanged after)
    {
        HashSet<Guid> differing = [.. MembersOf(before)];
        differing.SymmetricExceptWith(MembersOf(after));
        return differing.Select(Replica<PersonChanged>.Key);

        static IEnumerable<Guid> MembersOf(GroupChanged? group) => group is { Active: true } ? group.Members : [];
    }

    private async ValueTask<PersonChanged?> FindSignedInAsync(string userName, ProviderAccount? account, CancellationToken ct)
    {
        if (account is not null
            && (await _people.QueryAsync([Condition.In("account.subject", account.Subject)], "userName", MostPeople, ct))
                .FirstOrDefault(one => one.Account == account) is { } bound)
        {
            return bound;
        }

        if (await FindByUserNameAsync(userName, ct) is not { Account: null } named)
        {
            return null;
        }

        if (account is not null && named.Active)
        {
            _ = TellOfAsync(
                new PersonSignedIn { Person = named.Id, UserName = named.UserName, Account = account, At = _clock.GetUtcNow() });
        }

        return named;
    }

    private async ValueTask<PersonChanged?> FindByUserNameAsync(string userName, CancellationToken ct) =>
        (await _people.QueryAsync([Condition.In("userName", UserNames.Normalize(userName))], "userName", 1, ct)) is [var found, ..]
            ? found
            : null;

    /// <summary>Nobody waits for it; while the broker is away the next sign-in publishes it again.</summary>
    private async Task TellOfAsync(PersonSignedIn signIn)
    {
        try
        {
            await _bus.PublishAsync(Guid.CreateVersion7(signIn.At), signIn, CancellationToken.None);
        }
        catch (DeliveryException)
        {
            Forget(KeyOf(signIn.Account));
        }
    }

    private async ValueTask<Caller?> RememberAsync(
        Caller? known, string? signIn, Func<ValueTask<PersonChanged?>> find, CancellationToken ct)
    {
        var remembers = _cache.Hears;
        if (remembers && known?.KnownUntil > _clock.GetUtcNow() && ReferenceEquals(_callers.Find(known.Person), known))
        {
            return known;
        }

        var generation = Interlocked.Read(ref _generation);
        if (await find() is not { Active: true } person)
        {
            return null;
        }

        var caller = await CallerOfAsync(person, ct);
        _callers.Set(person.Id, caller);
        if (signIn is not null)
        {
            _signIns.Set(signIn, caller);
        }

        if (!remembers || generation != Interlocked.Read(ref _generation))
        {
            // Something changed during the look, or would go unheard: the next request looks again.
            _callers.Remove(person.Id);
        }

        return caller;
    }

    private async Task<Caller> CallerOfAsync(PersonChanged person, CancellationToken ct)
    {
        var groups = await _groups.QueryAsync([Condition.In("members", BsonMapping.Value(person.Id))], "key", MostGroups, ct);
        var permissions = new HashSet<string>();
        foreach (var key in person.Roles)
        {
            var edited = (await _roles.QueryAsync([Condition.In("key", key)], "key", 1, ct)) is [var role, ..] ? role : null;
            permissions.UnionWith(_permissions.DefaultsOf(key).Except(edited?.Revoked ?? []).Concat(edited?.Granted ?? []));
        }

        var now = _clock.GetUtcNow();
        var appointed = (await _people.QueryAsync([Condition.In("substitutes.person", BsonMapping.Value(person.Id))], "userName",
            MostPeople, ct))
            .Where(other => other.Active).SelectMany(other =>
                other.Substitutes!.Where(one => one.Person == person.Id).Select(one => (other.Id, one.From, one.Until))).ToList();
        List<Guid> approvesFor = [person.Id,
            .. appointed.Where(one => one.From <= now && now < one.Until).Select(one => one.Id).Distinct()];
        HashSet<string> tokens =
        [
            ReaderToken.Everyone,
            ReaderToken.Person(person.Id),
            .. approvesFor.Select(ReaderToken.Approver),
            .. person.Roles.Select(ReaderToken.Role),
            .. person.Site is { } site ? new[] { ReaderToken.Site(site) } : [],
            .. groups.Where(group => group.Active).Select(group => ReaderToken.Group(group.Id)),
        ];
        return new Caller(person.Id, person.UserName, person.Name, tokens, permissions,
            groups.Where(group => group.Active).Select(group => group.Id).ToHashSet())
        {
            ApprovesFor = approvesFor, Language = person.Language,

            // A right that was taken ends also where this node could not be told of it.
            KnownUntil = appointed.SelectMany(one => new[] { one.From, one.Until }).Where(at => at > now)
                .Append(now + SharedCache.Kept).Min(),
        };
    }

    private static string KeyOf(ProviderAccount account) => $"{AccountPrefix}{account.Issuer} {account.Subject}";

    private void Forget(string? key)
    {
        Interlocked.Increment(ref _generation);
        if (key is null || key.StartsWith(RolePrefix, StringComparison.Ordinal))
        {
            _callers.Clear();
        }
        else if (key.StartsWith(PersonPrefix, StringComparison.Ordinal))
        {
            _callers.Remove(Guid.Parse(key.AsSpan(PersonPrefix.Length)));
        }
        else if (key.StartsWith(AccountPrefix, StringComparison.Ordinal))
        {
            _signIns.Remove(key);
        }
    }
}
