namespace Itsm.Search.Domain.Languages;

/// <summary>The words of each language that say nothing by themselves; folded, as <see cref="LanguageRule.Fold"/> does.</summary>
internal static class LanguageWords
{
    /// <summary>Words of English that are not indexed.</summary>
    public static IReadOnlyList<string> EnglishStopWords { get; } = Split("""
        a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with
        """);

    /// <summary>Words of German that are not indexed.</summary>
    public static IReadOnlyList<string> GermanStopWords { get; } = Split("""
        aber als am an auch auf aus bei beim bin bis bitte da damit das dass dem den der des die dies diese diesem diesen dieser dieses
        durch ein eine einem einen einer eines er es fur habe haben hat ich ihm ihn ihr ihre im in ins ist kann kein keine keinen kommt mein
        meine meinem meinen meiner mich mir mit nach nicht nichts noch nur oder ohne sehr sein seine seit sich sie sind so uber um und uns
        unser unsere unter vom von vor war wenn werden wie wir wird zu zum zur
        """);

    /// <summary>More words of English that a query can do without, and by which it is known.</summary>
    public static IReadOnlyList<string> EnglishFunctionWords { get; } = Split("""
        about after all am any been before can can't cannot did do does doesn't don't during every from get has have he her his how i i'm
        my me more only our out please she since so some too until we were what when where which while who why without won't would you your
        """);

    private static string[] Split(string words) =>
        words.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
