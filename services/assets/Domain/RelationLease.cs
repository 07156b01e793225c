using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Assets.Domain;

/// <summary>Held by the one who makes relations of which a rule looks at more items than their source: between the look and the save nobody
/// else makes any.</summary>
public sealed class RelationLease : Aggregate
{
    /// <summary>Longer than any save takes; one whose holder died is free after it.</summary>
    internal static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(30);

    /// <summary>There is one for all types.</summary>
    internal static readonly Guid TheOne = DerivedId.From("relation-lease");

    /// <summary>Who holds it; null while it is free.</summary>
    public Guid? Holder { get; private set; }

    /// <summary>Until when at the longest.</summary>
    public DateTimeOffset Until { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<RelationLease> Definition { get; } =
        new("relation-leases", null) { HasHistory = false, Noun = "relation lease" };

    /// <returns>False while another holds it.</returns>
    internal bool TryTake(Guid holder, DateTimeOffset now)
    {
        if (Holder is not null && Holder != holder && now < Until)
        {
            return false;
        }

        (Holder, Until) = (holder, now + HeldFor);
        return true;
    }

    internal void Release(Guid holder)
    {
        if (Holder == holder)
        {
            Holder = null;
        }
    }
}
