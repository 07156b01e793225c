namespace Itsm.Platform.Aggregates;

/// <summary>What a check of a history found.</summary>
public enum HistoryFault
{
    /// <summary>An entry is missing or was altered.</summary>
    Entry,

    /// <summary>The head is not the one that was sealed: the history was written anew, or its end was cut off.</summary>
    Head,

    /// <summary>The fields are not those that the last entry left: they were changed past the history.</summary>
    Fields,
}
