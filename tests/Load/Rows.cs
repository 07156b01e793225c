namespace Itsm.Load;

/// <summary>A row of the table.</summary>
/// <param name="Name">In the table and for <c>--only</c>.</param>
/// <param name="Operation">What a client does over and over.</param>
internal sealed record Row(string Name, Func<Client, CancellationToken, ValueTask<bool>> Operation)
{
    /// <summary>Operations a second that it should reach; 0 where none are asked for.</summary>
    public double Target { get; init; }

    /// <summary>True where it is to be as fast at the large size as at the small one.</summary>
    public bool IsList => List is not null;

    /// <summary>The list that it asks for.</summary>
    public List? List { get; init; }

    /// <summary>True for the row's name and for the part before the dash.</summary>
    public bool IsNamed(string name) => Name == name || Name.StartsWith(name + "-", StringComparison.Ordinal);
}

/// <summary>A list: who asks, for what, and how many items there should be.</summary>
internal sealed record List(Func<Suite, Person> Person, string Query, int Least, int Most)
{
    public Uri Address(Suite suite) => new($"{suite.Incidents.OriginalString}?{Query}");
}

/// <summary>All rows, in the order they are measured: those that make nothing first, so that they meet the size named.</summary>
internal static class Rows
{
    private const string Newest = "limit=50&sort=-openedAt";
    private const int Page = 50;

    public static readonly Row[] All =
    [
        new("read", Requests.ReadAsync) { Target = 5_000 },
        new("read-expanded", Requests.ReadExpandedAsync) { Target = 2_500 },
        Listing("list-admin", suite => suite.Admin, Newest),
        Listing("list-agent", suite => suite.Agent1, Newest),
        Listing("list-employee", suite => suite.Employee2, Newest, Sizes.OfTheEmployee),
        Listing("list-state", suite => suite.Agent1, $"{Newest}&state=new,inProgress"),
        Listing("list-assignee", suite => suite.Agent1, $"{Newest}&assignee=agent1"),
        new("work", (client, ct) => client.GetAsync(client.Suite.Employee2, new Uri(client.Suite.Incidents, "me/work"), ct)),
        new("work-queue", (client, ct) => client.GetAsync(client.Suite.Agent1, new Uri(client.Suite.Incidents, "me/work"), ct)),
        new("comment", Requests.CommentAsync),
        new("create", (client, ct) => Requests.CreateAsync(client, false, ct)) { Target = 1_500 },
        new("create-key", (client, ct) => Requests.CreateAsync(client, true, ct)) { Target = 1_500 },
        new("lifecycle", Requests.LiveAsync),
    ];

    private static Row Listing(string name, Func<Suite, Person> person, string query, int items = Page)
    {
        var list = new List(person, query, items, items);
        Uri? address = null;
        return new(name, (client, ct) => client.GetAsync(person(client.Suite), address ??= list.Address(client.Suite), ct))
        {
            Target = 1_200, List = list,
        };
    }
}
