using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;

namespace Itsm.ServiceLevels.Domain;

/// <summary>A run over all tickets that computes every clock anew from the ticket's history and compares it, byte by byte, with what is
/// stored.</summary>
public sealed class Rebuild : Aggregate
{
    /// <summary>Takes on the next slice.</summary>
    internal const string RunTimer = "run";

    private const int MostShown = 100;

    /// <summary>True to store what comes out differently, of clocks that have not ended.</summary>
    public bool Repair { get; private init; }

    /// <summary>Where it stands.</summary>
    public RebuildState State { get; private set; }

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset StartedAt { get; private init; }

    /// <summary>When it was done.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Tickets looked at.</summary>
    public long Tickets { get; private set; }

    /// <summary>Clocks computed.</summary>
    public long Clocks { get; private set; }

    /// <summary>Tickets whose clocks came out differently.</summary>
    public long Different { get; private set; }

    /// <summary>Numbers of the first of those tickets.</summary>
    [AtMost(100)]
    public IReadOnlyList<string> Differing { get; private set; } = [];

    /// <summary>SHA-256 over all clocks as computed, in the order of the tickets' numbers: the same for the same history.</summary>
    public string Digest { get; private set; } = "";

    /// <summary>Number and id of the last ticket that was looked at.</summary>
    [Hidden]
    public string? After { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Rebuild> Definition { get; } = new("rebuilds", null,
        new Platform.Documents.IndexDefinition("readers", "startedAt"));

    /// <summary>A new run.</summary>
    public static Rebuild Start(bool repair, AuditContext audit)
    {
        var rebuild = new Rebuild
        {
            Id = Guid.CreateVersion7(audit.At), Repair = repair, StartedAt = audit.At,
            Readers = [ReaderToken.Role(KnownRoles.Administrator)],
        };
        rebuild.SetTimer(RunTimer, audit.At);
        return rebuild;
    }

    /// <summary>Takes in what a slice gave, and goes on or ends.</summary>
    /// <param name="slice">What it gave.</param>
    /// <param name="after">Where the next one begins; null where there is none.</param>
    /// <param name="audit">When.</param>
    internal void Take(Slice slice, string? after, AuditContext audit)
    {
        (Tickets, Clocks, Different) = (Tickets + slice.Tickets, Clocks + slice.Clocks, Different + slice.Differing.Count);
        (Digest, After) = (slice.Digest, after);
        Differing = [.. Differing.Concat(slice.Differing).Take(MostShown)];
        if (after is null)
        {
            (State, EndedAt) = (RebuildState.Done, audit.At);
        }
        else
        {
            SetTimer(RunTimer, audit.At);
        }
    }

    /// <summary>What a part of the tickets gave.</summary>
    internal sealed record Slice(long Tickets, long Clocks, IReadOnlyList<string> Differing, string Digest);
}

/// <summary>Where a rebuild stands.</summary>
public enum RebuildState
{
    /// <summary>Under way.</summary>
    Running,

    /// <summary>All tickets were looked at.</summary>
    Done,
}
