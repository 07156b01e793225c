using System.Globalization;
using Itsm.Contracts.ServiceLevels;
using Itsm.Platform.Documents;

namespace Itsm.ServiceLevels.Domain;

/// <summary>The clocks of a ticket as a function of its history, the agreements and calendars, and the time: the same again whenever it is
/// asked.</summary>
/// <remarks>First the conditions decide when each clock runs, whatever the calendar; then the calendar decides how long that was. A clock
/// that has ended, or is breached, knows only what was published until then.</remarks>
internal static class ClockEngine
{
    /// <summary>All clocks of a ticket, in the order in which they were attached.</summary>
    public static IReadOnlyList<Clock> Evaluate(Guid ticket, TicketHistory history, Catalogue catalogue, DateTimeOffset now)
    {
        var begins = catalogue.Editions
            .Select(edition => edition.EffectiveFrom > edition.PublishedAt ? edition.EffectiveFrom : edition.PublishedAt)
            .Where(at => at > history.OpenedAt && at > history.RecordedAt).Distinct().Select(at => (at, "agreement")).ToList();
        var moments = history.Moments(begins, now);
        var run = new Run(history, catalogue, moments);
        for (var index = 0; index < moments.Count; index++)
        {
            run.Step(index);
        }

        var attached = new Dictionary<(string, string), int>();
        return [.. run.Clocks.Select(life =>
        {
            var key = (life.Offer.Agreement, life.Offer.Target.Key);
            attached[key] = attached.GetValueOrDefault(key) + 1;
            var id = DerivedId.From(ticket.ToString(), key.Agreement, key.Key, attached[key].ToString(CultureInfo.InvariantCulture));
            return new Clock(id, life, history, catalogue, moments, now);
        })];
    }

    /// <summary>Lets one target after another have its say at each moment.</summary>
    private sealed class Run(TicketHistory history, Catalogue catalogue, List<Moment> moments)
    {
        private readonly Dictionary<Metrics.Slot, Place> _places = [];
        private readonly Metrics.Slot[] _slots = [.. catalogue.Offers.Select(offer => offer.Slot).Distinct().OrderBy(slot => slot.Kind)
            .ThenBy(slot => slot.Metric, StringComparer.Ordinal)];

        public List<Life> Clocks { get; } = [];

        public void Step(int index)
        {
            foreach (var slot in _slots)
            {
                if (!_places.TryGetValue(slot, out var place))
                {
                    _places[slot] = place = new Place();
                }

                Step(slot, place, index);
            }
        }

        private void Step(Metrics.Slot slot, Place place, int index)
        {
            var moment = moments[index];
            if (place.Live is { } live)
            {
                var conditions = live.Offer.Target.Conditions;
                if (moment.Meets(conditions.Stop) || moment.Meets(conditions.Reset))
                {
                    var restarts = !moment.Meets(conditions.Stop);
                    live.End(moment, ClockState.Completed);
                    place.NextCycle(restarts ? index : index + 1);
                    if (!restarts)
                    {
                        return;
                    }
                }
                else if (live.Offer.Selects(history, moment) && moment.Meets(conditions.Cancel))
                {
                    live.End(moment, ClockState.Cancelled);
                    place.NextCycle(index + 1);
                    return;
                }
                else
                {
                    if (Best(slot, moment) == live.Offer)
                    {
                        live.Turn(moment);
                        return;
                    }

                    live.End(moment, ClockState.Cancelled);
                    place.Live = null;
                }
            }

            if (Best(slot, moment) is { } offer && Simulate(offer, place.Since, index) is { } attached)
            {
                attached.Cycle = place.Cycle;
                attached.AttachedAt = moment;
                place.Live = attached;
                Clocks.Add(attached);
            }
        }

        private Offer? Best(Metrics.Slot slot, Moment moment) =>
            catalogue.Offers.FirstOrDefault(offer =>
                offer.Slot == slot && offer.Selects(history, moment) && offer.Holds(history, moment.At));

        /// <summary>How a clock of this target would stand at a moment had it been there from the beginning of its cycle: so it starts at
        /// the true beginning and keeps all pauses, whatever promise held before it.</summary>
        private Life? Simulate(Offer offer, int since, int until)
        {
            var conditions = offer.Target.Conditions;
            Life? life = null;
            for (var index = since; index <= until; index++)
            {
                var moment = moments[index];
                if (life is null)
                {
                    life = moment.Meets(conditions.Start) && !moment.Meets(conditions.Stop) && !moment.Meets(conditions.Cancel)
                        ? new Life(offer, moment)
                        : null;
                }
                else if (moment.Meets(conditions.Stop) || moment.Meets(conditions.Cancel))
                {
                    life = null;
                }
                else if (moment.Meets(conditions.Reset))
                {
                    life = moment.Meets(conditions.Start) ? new Life(offer, moment) : null;
                }
                else
                {
                    life.Turn(moment);
                }
            }

            return life;
        }

        /// <summary>Where clocks of a slot come one after another.</summary>
        private sealed class Place
        {
            public Life? Live { get; set; }

            public int Cycle { get; private set; } = 1;

            /// <summary>The moment with which the cycle began.</summary>
            public int Since { get; private set; }

            public void NextCycle(int since) => (Live, Cycle, Since) = (null, Cycle + 1, since);
        }
    }
}

/// <summary>When a clock runs and when it stands still, by its conditions alone.</summary>
internal sealed class Life
{
    public Life(Offer offer, Moment start)
    {
        Offer = offer;
        AttachedAt = start;
        var pauses = start.Meets(offer.Target.Conditions.Pause);
        Turns = [(start, !pauses)];
    }

    public Offer Offer { get; }

    public int Cycle { get; set; }

    /// <summary>When it came to be: later than its start where another promise held before.</summary>
    public Moment AttachedAt { get; set; }

    /// <summary>The moments from which it runs or stands still.</summary>
    public List<(Moment At, bool Runs)> Turns { get; }

    public Moment? EndedAt { get; private set; }

    public ClockState? Outcome { get; private set; }

    public DateTimeOffset Start => Turns[0].At.At;

    public void Turn(Moment moment)
    {
        var conditions = Offer.Target.Conditions;
        var runs = Turns[^1].Runs;
        if (runs && moment.Meets(conditions.Pause))
        {
            Turns.Add((moment, false));
        }
        else if (!runs && (conditions.Resume is { } resume ? moment.Meets(resume) : !moment.Meets(conditions.Pause)))
        {
            Turns.Add((moment, true));
        }
    }

    public void End(Moment moment, ClockState outcome) => (EndedAt, Outcome) = (moment, outcome);
}
