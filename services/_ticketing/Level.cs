namespace Itsm.Ticketing;

/// <summary>Impact and urgency.</summary>
public enum Level
{
    /// <summary>Many people or a vital service; at once.</summary>
    High = 1,

    /// <summary>Some people; soon.</summary>
    Medium = 2,

    /// <summary>One person; when convenient.</summary>
    Low = 3,
}
