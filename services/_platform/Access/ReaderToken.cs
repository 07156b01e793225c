namespace Itsm.Platform.Access;

/// <summary>Reader tokens: every readable document carries a set of them, every caller has a set; what is visible is where they
/// meet.</summary>
public static class ReaderToken
{
    /// <summary>Held by every active person.</summary>
    public const string Everyone = "everyone";

    /// <summary>Held by this person.</summary>
    public static string Person(Guid id) => $"person:{id}";

    /// <summary>Held by the members of this group.</summary>
    public static string Group(Guid id) => $"group:{id}";

    /// <summary>Held by this person and, within the dates they set, by their substitutes: for what waits for their approval.</summary>
    public static string Approver(Guid id) => $"approver:{id}";

    /// <summary>Held by the people of this site.</summary>
    public static string Site(string key) => $"site:{key}";

    /// <summary>Held by those who have this role.</summary>
    public static string Role(string key) => $"role:{key}";
}
