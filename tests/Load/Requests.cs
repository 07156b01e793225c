using System.Net;
using System.Text;

namespace Itsm.Load;

/// <summary>The operations, with bodies made once.</summary>
internal static class Requests
{
    private const int Variants = 60;
    private static readonly string[] Levels = ["high", "medium", "low"];
    private static readonly string[] Things = ["Mail", "VPN", "Printer", "Payroll", "Laptop", "Wireless network", "Intranet",
        "Badge reader", "Phone", "Shared drive"];
    private static readonly byte[][] Plain = Bodies("");
    private static readonly byte[][] Assigned = Bodies(""","assignmentGroup":"network" """.TrimEnd());
    private static readonly byte[] Empty = "{}"u8.ToArray();
    private static readonly byte[] Resolution =
        """
        {"code":"fixedPermanently","notes":"The service was restarted with the corrected configuration and watched for an hour."}
        """u8.ToArray();
    private static readonly byte[] CommentText =
        """
        {"text":"It still happens every morning between eight and nine; the rest of the day is fine. Nothing was changed on our side."}
        """u8.ToArray();

    /// <summary>An incident made by whoever it is the turn of: half of them by an employee, most others for a group by an agent.</summary>
    public static async ValueTask<bool> CreateAsync(Client client, bool withKey, CancellationToken ct)
    {
        var suite = client.Suite;
        var turn = client.Random.Next(20);
        var (person, bodies) = turn switch
        {
            < 10 => (suite.Employee1, Plain),
            < 12 => (suite.Admin, Plain),
            < 16 => (suite.Agent2, Assigned),
            _ => (suite.Agent1, Assigned),
        };
        return await CreateAsync(client, person, bodies, withKey, ct) is { Expected: true };
    }

    /// <summary>An incident of the fill: one in twenty is begun by agent1, who has it then; the five of employee2 are spread over the first
    /// size.</summary>
    public static async ValueTask<bool> FillAsync(Client client, int index, CancellationToken ct)
    {
        var suite = client.Suite;
        if (index < Sizes.Small && index % (Sizes.Small / Sizes.OfTheEmployee) == Sizes.Small / Sizes.OfTheEmployee / 2)
        {
            return await CreateAsync(client, suite.Employee2, Plain, false, ct) is { Expected: true };
        }

        if (index % 20 != 7)
        {
            return await CreateAsync(client, false, ct);
        }

        return await CreateAsync(client, suite.Agent1, Assigned, false, ct) is { Expected: true } made
            && await ActAsync(client, suite.Agent1, made, "start", Empty, ct) is { Expected: true };
    }

    /// <summary>Create, start, resolve.</summary>
    public static async ValueTask<bool> LiveAsync(Client client, CancellationToken ct) =>
        await CreateAsync(client, client.Suite.Agent1, Assigned, false, ct) is { Expected: true } made
        && await ActAsync(client, client.Suite.Agent1, made, "start", Empty, ct) is { Expected: true } started
        && await ActAsync(client, client.Suite.Agent1, started with { Location = made.Location }, "resolve", Resolution, ct)
            is { Expected: true };

    public static ValueTask<bool> ReadAsync(Client client, CancellationToken ct) =>
        client.GetAsync(client.Suite.Agent1, Address(client.Suite, client.Suite.Any(client.Random), ""), ct);

    /// <summary>What a page of one incident shows.</summary>
    public static ValueTask<bool> ReadExpandedAsync(Client client, CancellationToken ct) =>
        client.GetAsync(client.Suite.Agent1, Address(client.Suite, client.Suite.Any(client.Random),
            "?expand=requester,openedBy,assignee,assignmentGroup,category,parent&render=html"), ct);

    public static async ValueTask<bool> CommentAsync(Client client, CancellationToken ct) =>
        (await client.PostAsync(client.Suite.Agent1, Address(client.Suite, client.Suite.Any(client.Random), "/comments"), CommentText,
            HttpStatusCode.Created, ct)).Expected;

    private static ValueTask<Reply> CreateAsync(Client client, Person person, byte[][] bodies, bool withKey, CancellationToken ct) =>
        CreateAsync(client, person, bodies[client.Random.Next(Variants)], withKey, ct);

    private static async ValueTask<Reply> CreateAsync(Client client, Person person, byte[] body, bool withKey, CancellationToken ct)
    {
        var key = withKey ? Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString() : null;
        var reply = await client.PostAsync(person, client.Suite.Incidents, body, HttpStatusCode.Created, ct, idempotencyKey: key);
        if (!reply.Expected)
        {
            return default;
        }

        if (reply.Location is not { } location || reply.ETag is null)
        {
            client.Fail("201 without Location or ETag", $"Location {reply.Location}, ETag {reply.ETag}");
            return default;
        }

        var id = location[(location.LastIndexOf('/') + 1)..];
        client.Suite.Add(id);
        return reply with { Location = id };
    }

    /// <summary>An incident with this body.</summary>
    public static async ValueTask<bool> CreateAsync(Client client, Person person, byte[] body, CancellationToken ct) =>
        await CreateAsync(client, person, body, false, ct) is { Expected: true };

    private static ValueTask<Reply> ActAsync(Client client, Person person, Reply on, string action, byte[] body, CancellationToken ct) =>
        client.PostAsync(person, Address(client.Suite, on.Location!, $"/{action}"), body, HttpStatusCode.OK, ct, ifMatch: on.ETag);

    private static Uri Address(Suite suite, string id, string rest) => new($"{suite.Incidents.OriginalString}/{id}{rest}");

    private static byte[][] Bodies(string more) =>
    [
        .. Enumerable.Range(0, Variants).Select(i => Encoding.UTF8.GetBytes(
            $$"""
            {"title":"{{Things[i % Things.Length]}} does not work since this morning ({{i}})","description":"Since about {{8 + (i % 9)}} o'clock it answers slowly and then not at all. Restarting did not help; two colleagues on the same floor see it as well. The message on the screen says that the connection was closed by the other side.","impact":"{{Levels[i % 3]}}","urgency":"{{Levels[i / 3 % 3]}}"{{more}}}
            """)),
    ];
}

/// <summary>How many incidents there are.</summary>
internal static class Sizes
{
    /// <summary>Incidents at the small size.</summary>
    public const int Small = 2_000;

    /// <summary>Incidents of the employee who has few, at both sizes: the same ones, so the oldest at the large size.</summary>
    public const int OfTheEmployee = 5;
}
