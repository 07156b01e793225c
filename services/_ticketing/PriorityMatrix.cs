using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;

namespace Itsm.Ticketing;

/// <summary>Which priority follows from impact and urgency; administrators edit it. One for each type of ticket.</summary>
public abstract class PriorityMatrix : Aggregate
{
    /// <summary>The id of the one matrix.</summary>
    public static readonly Guid TheId = DerivedId.From("priority-matrix");

    private static readonly int[][] Defaults = [[1, 2, 3], [2, 3, 4], [3, 4, 5]];

    /// <summary>Three rows (impact high, medium, low) of three columns (urgency high, medium, low): priorities from 1 to 5.</summary>
    [AtMost(10)]
    public IReadOnlyList<IReadOnlyList<int>> Rows { get; private set; } = Defaults;

    /// <summary>The priority of this combination.</summary>
    public int Priority(Level impact, Level urgency) => Rows[(int)impact - 1][(int)urgency - 1];

    /// <summary>Replaces the whole matrix. Tickets keep the priority they have until impact or urgency change.</summary>
    /// <exception cref="InvalidValueException">It is not 3×3, a priority is not 1 to 5, or a greater impact or urgency gives a lower
    /// priority.</exception>
    public void Replace(IReadOnlyList<IReadOnlyList<int>> rows)
    {
        if (rows.Count != 3 || rows.Any(row => row.Count != 3))
        {
            throw new InvalidValueException("/rows", FieldCode.WrongFormat, $"The matrix has three rows of three priorities.");
        }

        for (var impact = 0; impact < 3; impact++)
        {
            for (var urgency = 0; urgency < 3; urgency++)
            {
                var priority = rows[impact][urgency];
                if (priority is < 1 or > 5)
                {
                    throw new InvalidValueException($"/rows/{impact}/{urgency}", FieldCode.OutOfRange,
                        $"A priority is 1 to 5, not {priority}.");
                }

                if ((impact > 0 && rows[impact - 1][urgency] > priority) || (urgency > 0 && rows[impact][urgency - 1] > priority))
                {
                    throw new InvalidValueException($"/rows/{impact}/{urgency}", FieldCode.Conflicting,
                        $"A greater impact or urgency must not lead to a lower priority.");
                }
            }
        }

        Rows = rows;
    }
}

/// <summary>The matrix of one type of ticket.</summary>
public sealed class PriorityMatrix<TTicket> : PriorityMatrix
    where TTicket : Ticket
{
    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<PriorityMatrix<TTicket>> Definition { get; } =
        new("priority-matrix", null) { Noun = "priority matrix", IsRecalled = true };

    /// <summary>The usual 3×3: HH=1; HM, MH=2; HL, MM, LH=3; ML, LM=4; LL=5.</summary>
    public static PriorityMatrix<TTicket> Default() => new() { Id = TheId, Readers = [ReaderToken.Everyone] };

    /// <summary>The matrix that holds.</summary>
    public static async ValueTask<PriorityMatrix<TTicket>> OfAsync(
        AggregateStore<PriorityMatrix<TTicket>> matrices, CancellationToken ct) =>
        await matrices.RecallAsync(TheId.ToString(), ct) ?? Default();
}
