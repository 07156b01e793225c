using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;
using Itsm.Platform.WorkingTime;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels.UseCases;

/// <summary>A ticket's history and a catalogue that differ from the real ones in what a question asks for.</summary>
internal sealed record Hypothesis(TicketHistory History, Catalogue Catalogue)
{
    /// <exception cref="InvalidValueException">The question names something that is unknown, or times that are out of order.</exception>
    public static Hypothesis Of(
        Clock clock, TicketHistory history, Catalogue catalogue, ExplainClock.WhatIfRequest request, DateTimeOffset now) =>
        new(Other(history, request, now), Other(clock, catalogue, request));

    private static TicketHistory Other(TicketHistory history, ExplainClock.WhatIfRequest request, DateTimeOffset now)
    {
        var opened = request.OpenedAt ?? history.OpenedAt;
        if (opened > now)
        {
            throw new InvalidValueException("/openedAt", FieldCode.OutOfRange, $"openedAt is in the future: {opened:O}.");
        }

        var timeline = history.Timeline;
        if (request.OpenedAt is not null)
        {
            // What happened before cannot have happened: what holds at the opening is the last of it.
            var before = timeline.Count(entry => entry.At <= opened);
            timeline = [timeline[Math.Max(before, 1) - 1] with { At = opened }, .. timeline.Skip(Math.Max(before, 1))];
        }

        if (request.States is { } states)
        {
            var first = timeline[0] with { At = opened, State = "open", Category = Contracts.Ticketing.StateCategory.Open };
            for (var index = 0; index < states.Count; index++)
            {
                var at = states[index].At;
                if (at < (index == 0 ? opened : states[index - 1].At) || at > now)
                {
                    throw new InvalidValueException($"/states/{index}/at", FieldCode.OutOfRange,
                        $"Changes of state come after the opening, one after another, and not in the future; "
                        + $"{at:O} does not.");
                }
            }

            timeline = [first,
                .. states.Select(state =>
                    first with
                    {
                        At = state.At, Category = state.Category,
                        State = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(state.Category.ToString()), Action = "what-if",
                        By = null,
                    })];
        }

        if (request.Priority is { } priority)
        {
            timeline = [.. timeline.Select(entry => entry with { Priority = priority })];
        }

        return history with
        {
            OpenedAt = opened, RecordedAt = request.OpenedAt is null ? history.RecordedAt : opened, Timeline = timeline,
            Replies = [.. history.Replies.Where(reply => reply.At >= opened)],
            FirstAnsweredAt = history.FirstAnsweredAt < opened ? null : history.FirstAnsweredAt,
        };
    }

    private static Catalogue Other(Clock clock, Catalogue catalogue, ExplainClock.WhatIfRequest request)
    {
        if (request.TimeZone is { } zone && !WorkingCalendar.IsZone(zone))
        {
            throw new InvalidValueException("/timeZone", FieldCode.NotFound,
                $"{zone.Quoted} is not an IANA time zone such as Europe/Berlin.");
        }

        if (request.Calendar is { } key && catalogue.Calendar(key) is null)
        {
            throw new InvalidValueException("/calendar", FieldCode.NotFound, $"No calendar {key.Quoted} is known.");
        }

        if (request.Promise is { } promise)
        {
            Agreement.RequirePromise(clock.Target with { Promise = promise,
                Conditions = promise.Kind == PromiseKind.EndOfWorkingDay
                    ? clock.Target.Conditions with { Pause = null, Resume = null }
                    : clock.Target.Conditions }, "");
        }

        return catalogue.With(offer => offer.Slot == clock.Life.Offer.Slot ? offer with
        {
            // The edition is asked for on its own: it holds whenever the real one does.
            Edition = offer.Edition with
            {
                Calendar = request.Calendar ?? offer.Edition.Calendar,
                CalendarFrom = request.Calendar is null ? offer.Edition.CalendarFrom : CalendarSource.Agreement,
                TimeZone = request.TimeZone ?? offer.Edition.TimeZone,
                TimeZoneFrom = request.TimeZone is null ? offer.Edition.TimeZoneFrom : TimeZoneSource.Agreement,
            },
            Target = request.Promise is null ? offer.Target : offer.Target with
            {
                Promise = request.Promise,
                Conditions = request.Promise.Kind == PromiseKind.EndOfWorkingDay
                    ? offer.Target.Conditions with { Pause = null, Resume = null }
                    : offer.Target.Conditions,
            },
        } : offer);
    }
}
