using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Itsm.Load;

/// <summary>The suite under load: its address, its process, tokens of its people, what went wrong and the incidents made so far.</summary>
internal sealed class Suite : IDisposable
{
    /// <summary>Errors after which a row is given up.</summary>
    public const int MostErrors = 1_000;

    private const int MemoryTakenAt = 10_000;
    private const int Room = 3_000_000;
    private readonly SocketsHttpHandler _handler;
    private readonly ConcurrentDictionary<string, Failure> _failures = new();
    private readonly string[] _ids;
    private readonly int _pid;
    private int _count;

    public Suite(Options options)
    {
        (Address, _pid, _ids) = (options.Url, options.Pid, new string[options.Incidents + Room]);
        _handler = new SocketsHttpHandler
        {
            UseCookies = false, UseProxy = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = Math.Max(options.Clients, Options.Fillers) + 1,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        };
        Http = new HttpMessageInvoker(_handler, disposeHandler: false);
        Incidents = new Uri(Address, "/api/v1/incidents");
    }

    public Uri Address { get; }

    public Uri Incidents { get; }

    public HttpMessageInvoker Http { get; }

    public Person Admin { get; } = new("admin");

    public Person Agent1 { get; } = new("agent1");

    public Person Agent2 { get; } = new("agent2");

    public Person Manager1 { get; } = new("manager1");

    public Person Employee1 { get; } = new("employee1");

    public Person Employee2 { get; } = new("employee2");

    /// <summary>Incidents made.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Resident bytes of the suite when incident 10,000 had just been made; 0 before.</summary>
    public long MemoryAtTenThousand { get; private set; }

    public bool HasRoom => Count < _ids.Length - 10_000;

    public bool IsRunning => ProcessFigures.IsRunning(_pid);

    public IEnumerable<KeyValuePair<string, Failure>> Failures => _failures.OrderByDescending(failure => failure.Value.Count);

    public long Errors => _failures.Values.Sum(failure => failure.Count);

    public ProcessFigures Figures() => ProcessFigures.Of(_pid);

    /// <summary>What the suite has done since it started.</summary>
    public async Task<Work> WorkAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, "/dev/figures"));
        using var response = await Http.SendAsync(request, default);
        if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            // Separate processes don't count together.
            return new Work(0, 0, 0, 0, 0, Figures().Cpu.TotalSeconds);
        }

        using var figures = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return new Work(Of("documents"), Of("indexRows"), Of("deliveries"), Of("waiting"), Of("allocated"), Figures().Cpu.TotalSeconds);

        double Of(string name) => figures.RootElement.GetProperty(name).GetDouble();
    }

    /// <summary>Remembers an incident that the suite has made.</summary>
    public void Add(string id)
    {
        var count = Interlocked.Increment(ref _count);
        _ids[count - 1] = id;
        if (count == MemoryTakenAt)
        {
            MemoryAtTenThousand = Figures().Resident;
        }
    }

    /// <summary>The incident made as number <paramref name="index"/>, from 0.</summary>
    public string At(int index) => _ids[index];

    /// <summary>Address of some incident made before; call it while none are being made, or accept one made long ago.</summary>
    public string Any(Random random) => _ids[random.Next(Count)] ?? _ids[0];

    public void Fail(string where, string what, string example) =>
        Interlocked.Increment(ref _failures.GetOrAdd($"{where}: {what}", _ => new Failure(example)).Count);

    /// <summary>Waits until the suite says that it is healthy.</summary>
    public async Task WaitUntilHealthyAsync(TimeSpan most)
    {
        using var limit = new CancellationTokenSource(most);
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, "/health"));
                using var response = await Http.SendAsync(request, limit.Token);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
            catch (OperationCanceledException)
            {
                throw new InvalidOperationException($"The suite was not healthy within {most.TotalSeconds:0} s.");
            }

            if (!IsRunning)
            {
                throw new InvalidOperationException("The suite ended before it was healthy.");
            }

            await Task.Delay(200, CancellationToken.None);
        }
    }

    /// <summary>Gets tokens, and new ones every half minute until cancelled.</summary>
    public async Task<Task> KeepSignedInAsync(CancellationToken ct)
    {
        await SignInAsync(ct);
        return RepeatAsync();

        async Task RepeatAsync()
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(30));
            try
            {
                while (await timer.WaitForNextTickAsync(ct))
                {
                    await SignInAsync(ct);
                }
            }
            catch (OperationCanceledException)
            {
                // The end of the run.
            }
            catch (Exception e) when (e is HttpRequestException or InvalidOperationException)
            {
                Fail("sign-in", e.GetType().Name, e.Message);
            }
        }
    }

    /// <summary>Sends JSON as the administrator, and reads JSON.</summary>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public async Task<JsonDocument> SendAsync(HttpMethod method, string address, string? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, new Uri(Address, address));
        request.Headers.TryAddWithoutValidation("Authorization", Admin.Authorization);
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Http.SendAsync(request, ct);
        var answer = await response.Content.ReadAsStringAsync(ct);
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(answer)
            : throw new InvalidOperationException($"{method} {address} answered {(int)response.StatusCode}: {answer}");
    }

    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
    }

    private async Task SignInAsync(CancellationToken ct)
    {
        foreach (var person in new[] { Admin, Manager1, Agent1, Agent2, Employee1, Employee2 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Address, "/dev/token"))
            {
                Content = new StringContent($$"""{"person":"{{person.Name}}"}""", Encoding.UTF8, "application/json"),
            };
            using var response = await Http.SendAsync(request, ct);
            var body = await response.Content.ReadAsStringAsync(ct);
            if (!response.IsSuccessStatusCode)
            {
                throw new InvalidOperationException($"No token for {person.Name}: {(int)response.StatusCode} {body}");
            }

            using var answer = JsonDocument.Parse(body);
            person.Authorization = "Bearer " + answer.RootElement.GetProperty("accessToken").GetString();
        }
    }
}

/// <summary>Somebody who calls the suite.</summary>
internal sealed class Person(string name)
{
    public string Name { get; } = name;

    /// <summary>The header that shows who calls.</summary>
    public volatile string Authorization = "";
}

/// <summary>Answers, or the lack of one, that were not as expected.</summary>
internal sealed class Failure(string example)
{
    public long Count;

    public string Example { get; } = example;
}
