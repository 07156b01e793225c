namespace Itsm.Contracts.Directory;

/// <summary>A calendar of working time as of one version, with all its editions: whoever computes with it needs the earlier ones
/// too.</summary>
/// <remarks>Published by: directory. Consumed by: service-levels, requests, assets (service hours).</remarks>
public sealed record CalendarChanged : IEntityChanged
{
    /// <inheritdoc/>
    public required Guid Id { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>Short name in addresses, lower case, unique: <c>berlin-office</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Its editions, oldest first; at least one.</summary>
    public required IReadOnlyList<CalendarEdition> Editions { get; init; }
}

/// <summary>One edition of a calendar. What is working time follows from it alone.</summary>
public sealed record CalendarEdition
{
    /// <summary>1 for the first.</summary>
    public required int Number { get; init; }

    /// <summary>When it was published, UTC.</summary>
    public required DateTimeOffset PublishedAt { get; init; }

    /// <summary>From when it holds for what is still running.</summary>
    public required EditionApplies Applies { get; init; }

    /// <summary>IANA name of its time zone: <c>Europe/Berlin</c>.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Working hours by weekday; a day that is not here has none.</summary>
    public required IReadOnlyList<WorkingDay> Week { get; init; }

    /// <summary>Days that differ.</summary>
    public required IReadOnlyList<Holiday> Holidays { get; init; }
}

/// <summary>Working hours of a weekday.</summary>
/// <param name="Day">Which.</param>
/// <param name="Hours">In order, without overlap: the gaps are breaks.</param>
public sealed record WorkingDay(DayOfWeek Day, IReadOnlyList<WorkingHours> Hours);

/// <summary>Local times of a day between which is working time.</summary>
/// <param name="From">Inclusive: <c>09:00</c> or <c>09:00:30</c>.</param>
/// <param name="To">Exclusive; <c>24:00</c> is the end of the day.</param>
public sealed record WorkingHours(
    [property: Pattern(PatternAttribute.TimeOfDay)] string From, [property: Pattern(PatternAttribute.TimeOfDay)] string To);

/// <summary>A day on which less is worked than its weekday says. Either <see cref="Date"/> or <see cref="Yearly"/> is set.</summary>
public sealed record Holiday
{
    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>A single day: <c>2026-12-24</c>.</summary>
    [Pattern("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
    public string? Date { get; init; }

    /// <summary>Month and day of every year: <c>12-24</c>; <c>02-29</c> is there in leap years only.</summary>
    [Pattern("^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
    public string? Yearly { get; init; }

    /// <summary>Of the weekday's hours, what lies within these remains (a half day); null where nothing does.</summary>
    public IReadOnlyList<WorkingHours>? Hours { get; init; }
}

/// <summary>From when an edition of a calendar holds for clocks that are running when it is published. Ended ones never change.</summary>
[UnknownCountsAs(nameof(FromPublication))]
public enum EditionApplies
{
    /// <summary>From its publication; time before that counts as it did.</summary>
    FromPublication,

    /// <summary>From ever: a correction of what was wrong.</summary>
    Retroactively,
}
