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

    /// <summary>The entry that was its head when an anchor was made is another now: the history was written anew, seal and all.</summary>
    Anchor,

    /// <summary>The thing itself is gone.</summary>
    Missing,

    /// <summary>The stored document can't be read any more.</summary>
    Unreadable,
}
