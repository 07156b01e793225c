using Itsm.Contracts;
using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Caching;
using Itsm.Platform.Documents;
using Itsm.Platform.Replicas;
using Itsm.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Itsm.Platform.Tests.Access;

/// <summary>What is remembered of callers, and what of it a change forgets.</summary>
public sealed class PeopleTests : IAsyncLifetime
{
    private static readonly ProviderAccount Account = new("https://login.example.org", "account");
    private static readonly Dictionary<string, (string Whose, string[] AlsoLookedAt, object Message, Func<Caller?, bool> Holds)> All = new()
    {
        ["joins"] = ("bob", [], Network(2, ["ada", "bob"]), caller => caller!.Groups.Count == 1),
        ["leaves"] = ("ada", [], Network(2, []), caller => caller!.Groups.Count == 0),
        ["retires"] = ("ada", [], Network(2, ["ada"], active: false), caller => caller!.Groups.Count == 0),
        ["is appointed"] = ("bob", ["carol"], Person("carol", 2) with { Substitutes = [Substitute("bob")] },
            caller => caller!.ApprovesFor.Contains(IdOf("carol"))),
        ["is withdrawn"] = ("ada", ["eve"], Person("eve", 2), caller => !caller!.ApprovesFor.Contains(IdOf("eve"))),
        ["who appointed is deactivated"] = ("ada", ["eve"], Person("eve", 2) with { Active = false, Substitutes = [Substitute("ada")] },
            caller => !caller!.ApprovesFor.Contains(IdOf("eve"))),
        ["prefers a language"] = ("bob", [], Person("bob", 2) with { Language = "de" }, caller => caller!.Language == "de"),
        ["is deactivated"] = ("bob", [], Person("bob", 2) with { Active = false }, caller => caller is null),
        ["role is edited"] = ("ada", ["bob", "carol", "eve"],
            new RoleChanged { Id = IdOf("agent"), Version = 1, Key = "agent", Name = "Agent", Granted = ["lamps.light"], Revoked = [] },
            caller => caller!.Permissions.Contains("lamps.light")),
        ["account is bound to another"] = ("bob", ["carol"], Person("carol", 2) with { Account = Account },
            caller => caller!.UserName == "carol"),
    };

    private readonly Shop _shop = new();
    private readonly List<RedisLink> _links = [];

    /// <summary>What can happen to somebody's rights.</summary>
    public static TheoryData<string> Changes => [.. All.Keys];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _links.ForEach(link => link.Dispose());
        await _shop.DisposeAsync();
    }

    [Theory, MemberData(nameof(Changes))]
    public async Task A_change_is_in_force_at_the_next_request_and_leaves_what_is_known_of_others(string change)
    {
        var node = new Node(_shop, Caches.OfOneNode());
        await FillAsync(node);
        await ChangeAsync(change, node, []);
    }

    [Theory, MemberData(nameof(Changes)), OuterTier]
    public async Task A_change_is_in_force_on_the_other_nodes_too_and_leaves_what_they_know_of_others(string change)
    {
        var address = await Engines.RedisAsync();
        var name = "tests-" + Path.GetRandomFileName();
        var nodes = Enumerable.Range(0, 2).Select(_ =>
        {
            _links.Add(RedisLink.Connect(address, "tests", NullLogger<RedisLink>.Instance));
            return Caches.OfOneNode(_links[^1], name);
        }).Select(cache => (Cache: cache, Node: new Node(_shop, cache))).ToList();
        await Wait.UntilAsync(() => nodes.All(one => one.Cache.Hears), "The connections");
        await FillAsync(nodes[0].Node);

        // A node hears what it drops itself, too.
        var heard = 0;
        nodes.ForEach(one => one.Cache.Dropped += key => Interlocked.Add(ref heard, key == "filled" ? 1 : 0));
        await nodes[0].Cache.DropAsync("filled");
        await Wait.UntilAsync(() => Volatile.Read(ref heard) == 3, "The word of what the filling dropped");
        await ChangeAsync(change, nodes[0].Node, [nodes[1].Node]);
    }

    [Fact]
    public async Task A_message_that_comes_again_has_everybody_looked_at_anew()
    {
        var node = new Node(_shop, Caches.OfOneNode());
        await FillAsync(node);
        var before = await SignInAsync(node, "ada");
        await node.TakeAsync(Network(1, ["ada"]));
        Assert.NotSame(before, await SignInAsync(node, "ada"));
    }

    private static async Task ChangeAsync(string change, Node node, IReadOnlyList<Node> others)
    {
        var (whose, alsoLookedAt, message, holds) = All[change];
        List<Node> nodes = [node, .. others];
        string[] everybody = ["ada", "bob", "carol", "eve"];
        var before = new Dictionary<(Node, string), Caller?>();
        foreach (var one in nodes)
        {
            foreach (var name in everybody)
            {
                before[(one, name)] = await SignInAsync(one, name);
                Assert.Same(before[(one, name)], await SignInAsync(one, name));
                Assert.Same(before[(one, name)], await one.People.FindCallerAsync(IdOf(name), default));
            }

            Assert.False(holds(before[(one, whose)]));
        }

        await node.TakeAsync(message);
        Assert.True(holds(await SignInAsync(node, whose)));
        foreach (var other in others)
        {
            await Wait.UntilAsync(async () => holds(await SignInAsync(other, whose)), change);
        }

        Assert.All(nodes.SelectMany(_ => everybody.Except([whose, .. alsoLookedAt]), (one, name) => (one, name)), known =>
            Assert.Same(before[known], known.one.People.FindCallerAsync(IdOf(known.name), default).AsTask().GetAwaiter().GetResult()));
    }

    private static async Task FillAsync(Node node)
    {
        await node.TakeAsync(Person("ada", 1) with { Roles = ["agent"] });
        await node.TakeAsync(Person("bob", 1));
        await node.TakeAsync(Person("carol", 1));
        await node.TakeAsync(Person("eve", 1) with { Substitutes = [Substitute("ada")] });
        await node.TakeAsync(Network(1, ["ada"]));
    }

    private static ValueTask<Caller?> SignInAsync(Node node, string name) =>
        node.People.SignInAsync(name, name == "bob" ? Account : null, default);

    private static PersonChanged Person(string name, long version) =>
        new() { Id = IdOf(name), Version = version, UserName = name, Name = name, Active = true, Roles = [] };

    private static GroupChanged Network(long version, string[] members, bool active = true) => new()
    {
        Id = IdOf("network"), Version = version, Key = "network", Name = "Network", Members = [.. members.Select(IdOf)], Active = active,
    };

    private static Substitution Substitute(string name) => new(IdOf(name), DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    private static Guid IdOf(string name) => DerivedId.From("people", name);

    /// <summary>What one process of a service knows of people.</summary>
    private sealed class Node
    {
        private readonly Replica<PersonChanged> _people;
        private readonly Replica<GroupChanged> _groups;
        private readonly Replica<RoleChanged> _roles;

        public Node(Shop shop, SharedCache cache)
        {
            _people = Replica<PersonChanged>(People.PersonIndexes, People.TouchedBy);
            _groups = Replica<GroupChanged>(People.GroupIndexes, People.TouchedBy);
            _roles = Replica<RoleChanged>(People.RoleIndexes, null);
            People = new People(_people, _groups, _roles, new PermissionList(), cache, shop.Broker, shop.Clock);

            Replica<T> Replica<T>(IndexDefinition[] indexes, Func<T?, T, IEnumerable<string>>? touches)
                where T : class, IEntityChanged =>
                new(shop.Database, "tests", shop.Broker, cache, shop.Clock, NullLogger<Replica<T>>.Instance, indexes) { Touches = touches };
        }

        public People People { get; }

        public Task TakeAsync(object message) => message switch
        {
            PersonChanged person => _people.HandleAsync(person, default),
            GroupChanged group => _groups.HandleAsync(group, default),
            _ => _roles.HandleAsync((RoleChanged)message, default),
        };
    }
}
